"""One page for each place, industry, enterprise, project and platform."""
