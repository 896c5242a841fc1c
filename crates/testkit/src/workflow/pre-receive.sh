#!/bin/sh
# A push needs write access, and a branch that takes it.
if [ -z "$FAKE_GITHUB_MAY_WRITE" ]; then
  echo "Permission to acme/app.git denied to github-actions[bot]." >&2
  exit 1
fi
if [ -e "$GIT_DIR/protected" ]; then
  echo "error: GH006: Protected branch update failed for refs/heads/main." >&2
  exit 1
fi
