#!/usr/bin/env bash
# Stands in for the program `gh` of a runner: what the workflows call of it, over HTTP, with the
# token that it is given.
set -euo pipefail

if [[ -z ${GH_TOKEN:-} ]]; then
  echo "gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable." >&2
  exit 4
fi
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# call METHOD URL [CURL OPTION...]: the body in $work/body, its head in $work/head. An error of
# GitHub is said as gh says it, with the body on standard output.
call() {
  local method=$1 url=$2 status
  shift 2
  status=$(curl --silent --show-error --location --request "$method" \
    --header "Authorization: Bearer $GH_TOKEN" --header 'X-GitHub-Api-Version: 2022-11-28' \
    --output "$work/body" --dump-header "$work/head" --write-out '%{http_code}' "$@" "$url")
  if [[ $status != 2* ]]; then
    cat "$work/body"
    echo "gh: $(jq -r '.message? // "error"' "$work/body" 2>/dev/null) (HTTP $status)" >&2
    exit 1
  fi
}

# The release of a tag, drafts included.
find_release() {
  call GET "$GITHUB_API_URL/repos/$GH_REPO/releases?per_page=100"
  if ! jq --exit-status --arg tag "$1" 'first(.[] | select(.tag_name == $tag))' \
    "$work/body" >"$work/release"; then
    echo "release not found" >&2
    exit 1
  fi
}

case "$1${2:+ $2}" in
  'api '*)
    shift
    filter='' path='' paginate=no
    while [[ $# -gt 0 ]]; do
      case $1 in
        --jq) filter=$2; shift ;;
        --paginate) paginate=yes ;;
        -*) echo "unknown flag: $1" >&2; exit 1 ;;
        *) path=$1 ;;
      esac
      shift
    done
    url=$GITHUB_API_URL/$path
    while [[ -n $url ]]; do
      call GET "$url"
      if [[ -n $filter ]]; then jq --raw-output "$filter" "$work/body"; else cat "$work/body"; fi
      url=''
      if [[ $paginate == yes ]]; then
        url=$(sed --quiet --regexp-extended 's/^link:.*<([^>]*)>; *rel="next".*/\1/Ip' "$work/head")
      fi
    done
    ;;
  'release view')
    [[ $# == 7 && $4 == --json && $5 == isDraft && $6 == --jq ]] || { echo "unknown call: $*" >&2; exit 1; }
    find_release "$3"
    jq '{isDraft: .draft}' "$work/release" | jq --raw-output "$7"
    ;;
  'release upload')
    tag=$3 clobber=no
    shift 3
    files=()
    for word in "$@"; do
      case $word in
        --clobber) clobber=yes ;;
        -*) echo "unknown flag: $word" >&2; exit 1 ;;
        *) files+=("$word") ;;
      esac
    done
    find_release "$tag"
    cp "$work/release" "$work/target"
    upload=$(jq --raw-output '.upload_url | sub("[{].*"; "")' "$work/target")
    for file in "${files[@]}"; do
      name=${file##*/}
      there=$(jq --raw-output --arg name "$name" '.assets[] | select(.name == $name) | .url' "$work/target")
      if [[ -n $there && $clobber == yes ]]; then call DELETE "$there"; fi
      encoded=$(jq --null-input --raw-output --arg name "$name" '$name | @uri')
      call POST "$upload?name=$encoded" --header 'Content-Type: application/octet-stream' \
        --data-binary "@$file"
    done
    ;;
  *)
    echo "unknown call: gh $*" >&2
    exit 1
    ;;
esac
