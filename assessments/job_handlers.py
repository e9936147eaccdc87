"""The background work of the app: each room's own module registers its handlers."""

import assessments.archives.jobs
import assessments.filings.jobs
import assessments.filings.versions.jobs
import assessments.letters.jobs
import assessments.meetings.jobs
import assessments.reporting.jobs
import assessments.retention.jobs
import assessments.scoring.jobs
import assessments.trail.jobs
import assessments.trials.jobs  # noqa: F401
