//! x
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "wip")]
use provost_workflow_audit::*;
fn walk(root: &std::path::Path, at: &std::path::Path, out: &mut Vec<SourceFile>) {
    for e in std::fs::read_dir(at).unwrap().flatten() {
        let p = e.path();
        let n = e.file_name().to_string_lossy().into_owned();
        if p.is_dir() { if n != "target" && n != ".git" && n != "node_modules" { walk(root, &p, out); } continue; }
        if n.ends_with(".yml") || n.ends_with(".yaml") || n.ends_with(".mmd") || n.ends_with(".md") {
            out.push(SourceFile { path: p.strip_prefix(root).unwrap().to_string_lossy().into_owned(), bytes: std::fs::read(&p).unwrap() });
        }
    }
}
fn main() {
    let root = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    let t = std::time::Instant::now();
    let a = audit(&Input { files, actions: vec![] });
    let e = t.elapsed();
    println!("{}", text(&a, Paint::Plain));
    if std::env::args().nth(2).is_some() { for j in &a.jobs { println!("{}:{} {:?} granted {:?} needed {:?} missing {:?} excess {:?} und {:?}", j.file.rsplit('/').next().unwrap(), j.job, j.source, j.granted, j.needed, j.missing, j.excess, j.undetermined); } for s in ["PROVENANCE_DISPATCH_TOKEN","SLACK_WEBHOOK_URL"] { println!("{:#?}", a.readers_of(s).iter().map(|r| format!("{}/{:?} {} {}:{}", r.job, r.step, r.way, r.spot.file, r.spot.place.line)).collect::<Vec<_>>()); } }
    println!("{:?}\n{}", e, a.verdict.paragraph);
}
