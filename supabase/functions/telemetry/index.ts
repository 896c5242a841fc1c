// POST /functions/v1/telemetry: manifests, failures and events into the event log.

import { telemetry } from "../_shared/provost/telemetry.ts";

export default { fetch: telemetry };
