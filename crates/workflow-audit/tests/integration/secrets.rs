//! Who can read a secret.

use crate::repository::several;
use provost_workflow_audit::audit;

#[test]
fn every_way_to_a_secret_is_listed() {
    let caller = "\
on: push
env:
  A: ${{ secrets.TOKEN }}
jobs:
  one:
    runs-on: x
    env:
      B: ${{ secrets.token }}
    steps:
      - uses: actions/checkout@v1
        with:
          token: ${{ secrets['TOKEN'] }}
      - name: second
        env:
          C: ${{ secrets.OTHER || secrets.TOKEN }}
        run: echo ${{ secrets.TOKEN }}
  two:
    uses: ./.github/workflows/b.yml
    secrets: inherit
  three:
    uses: ./.github/workflows/b.yml
    secrets:
      x: ${{ secrets.TOKEN }}
";
    let called = "on: workflow_call\njobs:\n  b:\n    runs-on: x\n    steps:\n      - run: make\n";
    let input =
        several(&[(".github/workflows/a.yml", caller), (".github/workflows/b.yml", called)]);
    let audit = audit(&input);
    let found: Vec<String> = audit
        .readers_of("token")
        .iter()
        .map(|reader| {
            let step = reader.step.clone().unwrap_or_default();
            format!("{} {step}: {} {}", reader.job, reader.way, reader.spot.place.line)
        })
        .collect();
    assert_eq!(
        found,
        [
            "one actions/checkout@v1: env of the workflow 3",
            "one actions/checkout@v1: env of the job 8",
            "one actions/checkout@v1: input of the action 12",
            "one second: env of the workflow 3",
            "one second: env of the job 8",
            "one second: env of the step 15",
            "one second: written into the script 16",
            "one second: credentials left by the checkout 10",
            "two : secrets: inherit 19",
            "three : secrets of the call 23",
        ]
    );
    assert!(audit.readers_of("NOBODY").iter().all(|reader| reader.secret == "*"));
}
