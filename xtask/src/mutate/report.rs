//! The report as Markdown: a table of counts, and the list of what was accepted and why.

use super::specimen::Specimen;
use super::tally::{Cell, Tally};
use std::collections::{BTreeMap, BTreeSet};

/// What a whole run leaves out, so that nobody takes it for more than it is.
pub(super) const NOT_COVERED: &str = "Not covered: two changes at once, parts exchanged between \
    bundles, twins of signatures inside a log entry's body, and white space, escapes and base64 \
    spellings of the file's own text.";

/// Tables and lists of one run.
pub(super) fn markdown(specimens: &[Specimen], tally: &Tally) -> String {
    let mut text = String::new();
    text.push_str(&counts(specimens, tally));
    text.push_str(&acceptances(tally));
    let Cell { mutants, identical, fewer } = tally.total();
    let refused = mutants - identical - fewer - tally.different - tally.panicked;
    text.push_str(&format!(
        "\n{mutants} mutants: {refused} refused, {identical} accepted with identical facts, \
         {fewer} with the same facts and fewer witnesses, {} with different facts, {} panics.\n",
        tally.different, tally.panicked
    ));
    text
}

/// One row a part, one column a bundle: mutants, and in parentheses those accepted.
fn counts(specimens: &[Specimen], tally: &Tally) -> String {
    let groups: BTreeSet<&str> = tally.cells.keys().map(|(_, group)| *group).collect();
    let mut text = "| part |".to_owned();
    for specimen in specimens {
        text.push_str(&format!(" {} |", specimen.name));
    }
    text.push_str(&format!(" refused | identical | fewer |\n| --- |{}\n", {
        " ---: |".repeat(specimens.len() + 3)
    }));
    let mut columns: BTreeMap<&str, Cell> = BTreeMap::new();
    for group in groups {
        text.push_str(&format!("| {group} |"));
        let mut row = Cell::default();
        for specimen in specimens {
            let cell = tally.cells.get(&(specimen.name.clone(), group)).copied();
            text.push_str(&format!(" {} |", cell.map_or_else(|| "-".to_owned(), shown)));
            add(&mut row, cell.unwrap_or_default());
            add(columns.entry(&specimen.name).or_default(), cell.unwrap_or_default());
        }
        text.push_str(&sums(row));
    }
    text.push_str("| all |");
    let mut all = Cell::default();
    for specimen in specimens {
        let column = columns.get(specimen.name.as_str()).copied().unwrap_or_default();
        text.push_str(&format!(" {} |", shown(column)));
        add(&mut all, column);
    }
    text.push_str(&sums(all));
    text
}

fn sums(Cell { mutants, identical, fewer }: Cell) -> String {
    format!(" {} | {identical} | {fewer} |\n", mutants - identical - fewer)
}

fn shown(Cell { mutants, identical, fewer }: Cell) -> String {
    match identical + fewer {
        0 => mutants.to_string(),
        accepted => format!("{mutants} ({accepted})"),
    }
}

fn add(sum: &mut Cell, cell: Cell) {
    sum.mutants += cell.mutants;
    sum.identical += cell.identical;
    sum.fewer += cell.fewer;
}

/// Explanation by explanation: each place once, with its changes and in how many bundles.
fn acceptances(tally: &Tally) -> String {
    let mut text = String::new();
    for (why, found) in &tally.explained {
        let total: u64 = found.values().sum();
        text.push_str(&format!("\n**{why}** ({total})\n\n"));
        let mut places: BTreeMap<String, (BTreeSet<&str>, BTreeSet<&str>, u64)> = BTreeMap::new();
        for ((specimen, place), count) in found {
            let (changes, specimens, sum) = places.entry(shortened(&place.path)).or_default();
            changes.insert(&place.change);
            specimens.insert(specimen);
            *sum += count;
        }
        for (path, (changes, specimens, count)) in places {
            let list = |set: BTreeSet<&str>| set.into_iter().collect::<Vec<_>>().join(", ");
            let (changes, specimens) = (list(changes), list(specimens));
            text.push_str(&format!("- `{path}`: {changes} ({count}; {specimens})\n"));
        }
    }
    text
}

/// A place deep inside of DER, named by the value four levels down around it.
fn shortened(path: &str) -> String {
    const LEVELS: usize = 4;
    let Some((pointer, inside)) = path.split_once("!.") else { return path.to_owned() };
    let steps: Vec<&str> = inside.split('.').collect();
    match steps.get(..LEVELS) {
        Some(first) if steps.len() > LEVELS => format!("{pointer}!.{}.*", first.join(".")),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_places_share_a_line() {
        assert_eq!(shortened("/a!.1.1.0.3.0.0.7 content"), "/a!.1.1.0.3.*");
        assert_eq!(shortened("/a!.1.1.0.0 content"), "/a!.1.1.0.0 content");
        assert_eq!(shortened("/a/b!signature line, name"), "/a/b!signature line, name");
    }
}
