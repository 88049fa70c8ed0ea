// Each route is a page view; the time on it is its own. Nothing has to be told of the router.
import { start } from 'leadwake/browser'

start({
  site: import.meta.env.VITE_LEADWAKE_SITE,
  host: import.meta.env.VITE_LEADWAKE_HOST,
})
