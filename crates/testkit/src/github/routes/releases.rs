//! Releases and their assets.

use serde_json::{Value, json};

use super::super::call::Answer;
use super::super::percent::encoded_path;
use super::super::release::{Asset, Release};
use super::super::state::written;
use super::{Names, Route, Routed, node};

impl Route<'_> {
    /// Newest first; drafts only for those who may write.
    pub(super) fn list_releases(&mut self) -> Routed {
        let writer = self.caller_writes("contents");
        let names = self.names();
        let releases = self.repository().releases.iter().rev();
        let shown = releases.filter(|release| writer || !release.draft).cloned();
        let shown = shown.collect();
        let page = self.page_of(shown);
        let body: Vec<_> = page.items.iter().map(|release| names.release(release)).collect();
        Ok(page.answer(&json!(body)))
    }

    pub(super) fn get_release(&mut self) -> Routed {
        let writer = self.caller_writes("contents");
        let names = self.names();
        let release = self.release()?;
        if release.draft && !writer {
            return Err(Answer::not_found());
        }
        Ok(Answer::json(200, &names.release(release)))
    }

    /// A draft has no tag yet, so it is never found by tag.
    pub(super) fn get_release_by_tag(&mut self) -> Routed {
        let tag = self.matched.parameter("tag").to_owned();
        let names = self.names();
        let mut releases = self.repository().releases.iter();
        let found = releases.find(|release| release.tag == tag && !release.draft);
        let release = found.ok_or_else(Answer::not_found)?;
        Ok(Answer::json(200, &names.release(release)))
    }

    pub(super) fn create_release(&mut self) -> Routed {
        let wish = self.call.json();
        let names = self.names();
        let mut release = Release::new(wish["tag_name"].as_str().unwrap_or_default());
        release.author = self.caller.login();
        release.target = names.settings.default_branch.clone();
        release.name = None;
        apply(&mut release, &wish);
        if release.tag.is_empty() {
            return Err(Answer::invalid("Release", "tag_name", "missing_field"));
        }
        let mut releases = self.repository().releases.iter();
        if !release.draft && releases.any(|own| own.tag == release.tag && !own.draft) {
            return Err(Answer::invalid("Release", "tag_name", "already_exists"));
        }
        let (id, now) = (self.state.next_id(), self.state.now());
        let release = release.numbered(id, now);
        let body = names.release(&release);
        self.repository().releases.push(release);
        Ok(Answer::json(201, &body).header("location", &names.url(&format!("/releases/{id}"))))
    }

    pub(super) fn update_release(&mut self) -> Routed {
        let wish = self.call.json();
        let names = self.names();
        let now = self.state.now();
        let release = self.release()?;
        let moves = wish["tag_name"].as_str().is_some_and(|tag| tag != release.tag);
        if release.immutable && moves {
            return Err(Answer::invalid("Release", "tag_name", "immutable"));
        }
        let was_draft = release.draft;
        apply(release, &wish);
        if was_draft && !release.draft {
            release.publish(now);
        }
        Ok(Answer::json(200, &names.release(release)))
    }

    pub(super) fn delete_release(&mut self) -> Routed {
        let id = self.release()?.id;
        self.repository().releases.retain(|release| release.id != id);
        Ok(Answer::empty(204))
    }

    pub(super) fn list_assets(&mut self) -> Routed {
        let names = self.names();
        let release = self.release()?.clone();
        let page = self.page_of(release.assets.clone());
        let body: Vec<_> = page.items.iter().map(|asset| names.asset(&release, asset)).collect();
        Ok(page.answer(&json!(body)))
    }

    /// In reality on `uploads.github.com`; `upload_url` of a release leads here.
    pub(super) fn upload_asset(&mut self) -> Routed {
        let names = self.names();
        let name = self.call.query("name").unwrap_or_default();
        let mut asset = Asset::new(name, &self.call.body);
        asset.label = self.call.query("label").map(str::to_owned);
        asset.uploader = self.caller.login();
        if let Some(content_type) = self.call.header("content-type") {
            asset.content_type = content_type.to_owned();
        }
        asset.id = self.state.next_id();
        let release = self.release()?;
        if release.immutable {
            return Err(Answer::invalid("ReleaseAsset", "release", "immutable"));
        }
        if release.assets.iter().any(|own| own.name == asset.name) {
            return Err(Answer::invalid("ReleaseAsset", "name", "already_exists"));
        }
        release.assets.push(asset.clone());
        Ok(Answer::json(201, &names.asset(release, &asset)))
    }

    /// With `Accept: application/octet-stream` a redirect to the bytes on the second host.
    pub(super) fn get_asset(&mut self) -> Routed {
        let names = self.names();
        let (release, index) = self.asset()?;
        let asset = release.assets[index].clone();
        let body = names.asset(release, &asset);
        if self.call.header("accept") != Some("application/octet-stream") {
            return Ok(Answer::json(200, &body));
        }
        let path = format!("/assets/{}", asset.id);
        let address = self.state.publish(&path, &asset.content_type, asset.bytes);
        let address = format!("{}{address}", self.shared.addresses.blob);
        Ok(Answer::empty(302).header("location", &address))
    }

    pub(super) fn update_asset(&mut self) -> Routed {
        let wish = self.call.json();
        let names = self.names();
        let (release, index) = self.asset()?;
        let asset = &mut release.assets[index];
        if let Some(name) = wish["name"].as_str() {
            asset.name = name.to_owned();
        }
        if let Some(label) = wish["label"].as_str() {
            asset.label = Some(label.to_owned());
        }
        let asset = asset.clone();
        Ok(Answer::json(200, &names.asset(release, &asset)))
    }

    pub(super) fn delete_asset(&mut self) -> Routed {
        let (release, index) = self.asset()?;
        if release.immutable {
            return Err(Answer::invalid("ReleaseAsset", "release", "immutable"));
        }
        release.assets.remove(index);
        Ok(Answer::empty(204))
    }

    fn release(&mut self) -> Result<&mut Release, Answer> {
        let id = self.number("release_id");
        let mut releases = self.repository().releases.iter_mut();
        releases.find(|release| release.id == id).ok_or_else(Answer::not_found)
    }

    fn asset(&mut self) -> Result<(&mut Release, usize), Answer> {
        let id = self.number("asset_id");
        let mut releases = self.repository().releases.iter_mut();
        let found = releases.find_map(|release| {
            let index = release.assets.iter().position(|asset| asset.id == id)?;
            Some((release, index))
        });
        found.ok_or_else(Answer::not_found)
    }
}

/// The wishes of a body of creation or update.
fn apply(release: &mut Release, wish: &Value) {
    let text = |key: &str| wish[key].as_str().map(str::to_owned);
    if let Some(tag) = text("tag_name") {
        release.tag = tag;
    }
    if let Some(target) = text("target_commitish") {
        release.target = target;
    }
    release.name = text("name").or(release.name.take());
    release.body = text("body").or(release.body.take());
    release.draft = wish["draft"].as_bool().unwrap_or(release.draft);
    release.prerelease = wish["prerelease"].as_bool().unwrap_or(release.prerelease);
}

impl Names {
    fn release(&self, release: &Release) -> Value {
        let url = self.url(&format!("/releases/{}", release.id));
        let tag = encoded_path(&release.tag);
        let assets = release.assets.iter().map(|asset| self.asset(release, asset));
        let ball = |kind: &str| {
            let url = self.url(&format!("/{kind}/refs/tags/{tag}"));
            if release.draft { Value::Null } else { json!(url) }
        };
        let page = if release.draft { "untagged-draft" } else { &tag };
        json!({
            "id": release.id, "node_id": node("RE", release.id), "url": url,
            "assets_url": format!("{url}/assets"),
            "upload_url": format!("{url}/assets{{?name,label}}"),
            "html_url": self.page(&format!("/releases/tag/{page}")),
            "tarball_url": ball("tarball"), "zipball_url": ball("zipball"),
            "tag_name": release.tag, "target_commitish": release.target, "name": release.name,
            "body": release.body, "draft": release.draft, "prerelease": release.prerelease,
            "immutable": release.immutable, "author": self.user(&release.author),
            "created_at": release.created.map(written),
            "published_at": release.published.map(written),
            "assets": assets.collect::<Vec<_>>(),
        })
    }

    fn asset(&self, release: &Release, asset: &Asset) -> Value {
        let download = format!(
            "/releases/download/{}/{}",
            encoded_path(&release.tag),
            encoded_path(&asset.name)
        );
        let created = release.created.map(written);
        json!({
            "id": asset.id, "node_id": node("RA", asset.id), "name": asset.name,
            "label": asset.label, "content_type": asset.content_type,
            "state": if asset.uploaded { "uploaded" } else { "open" },
            "size": asset.bytes.len(), "digest": asset.digest, "download_count": 0,
            "url": self.url(&format!("/releases/assets/{}", asset.id)),
            "browser_download_url": self.page(&download), "uploader": self.user(&asset.uploader),
            "created_at": created, "updated_at": created,
        })
    }
}
