"""Pages and JSON for visitors and staff. This room reads committed days and submits inputs, through `hub.site.Site`
alone; it knows neither the journal nor the link to the devices."""
