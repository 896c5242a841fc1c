//! Refs, tags and commits.

use serde_json::{Value, json};

use super::super::call::Answer;
use super::super::objects::{CommitObject, Person, Ref, TagObject};
use super::super::percent::encoded_path;
use super::{Names, Route, Routed, node, number_of};

impl Route<'_> {
    /// `git/ref/tags/v1` is `refs/tags/v1`, exactly.
    pub(super) fn get_ref(&mut self) -> Routed {
        let name = format!("refs/{}", self.matched.parameter("ref"));
        let names = self.names();
        let found = self.repository().objects.find_ref(&name).ok_or_else(Answer::not_found)?;
        Ok(Answer::json(200, &names.git_ref(&found)))
    }

    /// `git/matching-refs/tags/v1` is every ref that begins with `refs/tags/v1`.
    pub(super) fn list_matching_refs(&mut self) -> Routed {
        let prefix = format!("refs/{}", self.matched.parameter("ref"));
        let names = self.names();
        let mut refs = self.repository().objects.refs();
        refs.retain(|own| own.name.starts_with(&prefix));
        let body: Vec<_> = refs.iter().map(|own| names.git_ref(own)).collect();
        Ok(Answer::json(200, &json!(body)))
    }

    pub(super) fn get_tag(&mut self) -> Routed {
        let sha = self.matched.parameter("tag_sha").to_owned();
        let names = self.names();
        let tag = self.repository().objects.tag(&sha).ok_or_else(Answer::not_found)?;
        Ok(Answer::json(200, &names.git_tag(&sha, &tag)))
    }

    /// Newest names first, as GitHub sorts them.
    pub(super) fn list_tags(&mut self) -> Routed {
        let names = self.names();
        let objects = &self.repository().objects;
        let refs = objects.refs().into_iter().rev();
        let tags = refs.filter_map(|own| {
            let name = own.name.strip_prefix("refs/tags/")?.to_owned();
            Some((name, objects.peel(&own.name)?))
        });
        let tags = tags.collect();
        let page = self.page_of(tags);
        let body: Vec<_> = page.items.iter().map(|(name, sha)| names.tag(name, sha)).collect();
        Ok(page.answer(&json!(body)))
    }

    pub(super) fn get_commit(&mut self) -> Routed {
        let revision = self.matched.parameter("ref").to_owned();
        let names = self.names();
        let objects = &self.repository().objects;
        let commit = objects.peel(&revision).and_then(|sha| objects.commit(&sha));
        let unknown = || Answer::error(422, &format!("No commit found for SHA: {revision}"));
        let commit = commit.ok_or_else(unknown)?;
        if self.call.header("accept") == Some("application/vnd.github.sha") {
            let sha = commit.sha.into_bytes();
            return Ok(Answer::bytes(200, "application/vnd.github.sha; charset=utf-8", sha));
        }
        Ok(Answer::json(200, &names.commit(&commit)))
    }

    /// The fake keeps no link between commits and pull requests.
    pub(super) fn list_pulls_of_commit(&mut self) -> Routed {
        Ok(Answer::json(200, &json!([])))
    }
}

impl Names {
    fn git_ref(&self, own: &Ref) -> Value {
        let folder = if own.kind == "tag" { "tags" } else { "commits" };
        json!({
            "ref": own.name, "node_id": node("REF", number_of(&own.name)),
            "url": self.url(&format!("/git/{}", encoded_path(&own.name))),
            "object": {
                "sha": own.sha, "type": own.kind,
                "url": self.url(&format!("/git/{folder}/{}", own.sha)),
            },
        })
    }

    fn git_tag(&self, sha: &str, tag: &TagObject) -> Value {
        let target = format!("/git/{}s/{}", tag.target_kind, tag.target);
        json!({
            "node_id": node("TAG", number_of(sha)), "tag": tag.name, "sha": sha,
            "url": self.url(&format!("/git/tags/{sha}")), "message": tag.message,
            "tagger": person_json(&tag.tagger),
            "object": {
                "sha": tag.target, "type": tag.target_kind, "url": self.url(&target),
            },
            "verification": unsigned(),
        })
    }

    fn tag(&self, name: &str, commit: &str) -> Value {
        let name_in_url = encoded_path(name);
        json!({
            "name": name, "node_id": node("REF", number_of(name)),
            "zipball_url": self.url(&format!("/zipball/refs/tags/{name_in_url}")),
            "tarball_url": self.url(&format!("/tarball/refs/tags/{name_in_url}")),
            "commit": { "sha": commit, "url": self.url(&format!("/commits/{commit}")) },
        })
    }

    fn commit(&self, commit: &CommitObject) -> Value {
        let sha = &commit.sha;
        let url = self.url(&format!("/commits/{sha}"));
        let parents = commit.parents.iter().map(|parent| {
            json!({ "sha": parent, "url": self.url(&format!("/commits/{parent}")),
                    "html_url": self.page(&format!("/commit/{parent}")) })
        });
        json!({
            "sha": sha, "node_id": node("C", number_of(sha)), "url": url,
            "html_url": self.page(&format!("/commit/{sha}")),
            "comments_url": format!("{url}/comments"),
            "author": null, "committer": null, "parents": parents.collect::<Vec<_>>(),
            "commit": {
                "author": person_json(&commit.author),
                "committer": person_json(&commit.committer),
                "message": commit.message, "comment_count": 0,
                "tree": { "sha": commit.tree,
                          "url": self.url(&format!("/git/trees/{}", commit.tree)) },
                "url": self.url(&format!("/git/commits/{sha}")), "verification": unsigned(),
            },
        })
    }
}

pub(super) fn person_json(person: &Person) -> Value {
    json!({ "name": person.name, "email": person.email, "date": person.date })
}

fn unsigned() -> Value {
    json!({ "verified": false, "reason": "unsigned", "signature": null, "payload": null,
            "verified_at": null })
}
