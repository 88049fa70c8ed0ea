/**
 * Next.js 15.3 or later: instrumentation-client.ts in the root of the project, or in src/. It runs in the browser before
 * the page is hydrated; each route of the app router is a page view, without a component or an effect.
 */
import { start } from 'leadwake/browser'

start({
  site: process.env.NEXT_PUBLIC_LEADWAKE_SITE!,
  host: process.env.NEXT_PUBLIC_LEADWAKE_HOST!,
})
