//! Version 1 of every JSON document that leaves the program.
