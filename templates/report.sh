# One line each, of harmless characters only, to the log and to the outputs of the job.
report() { printf '%s=%s\n' "$1" "$(printf '%s' "$2" | LC_ALL=C tr -cd '0-9A-Za-z._:/@%+~=-' | head -c 512)"; }
{
  if [[ -v DISPATCH_TAG ]]; then report dispatch_tag "$DISPATCH_TAG"; fi
  report event_name "$EVENT_NAME"
  report tag "$TAG"
  report run_id "$RUN_ID"
  report release_url "$RELEASE_URL"
  report status "$STATUS"
} | tee -a "$GITHUB_OUTPUT"
