// `currentScript` is null in modules; the error ends the script, see build.ts.
export const { dataset, src } = document.currentScript as HTMLScriptElement

/**
 * Caching plug-ins (WP Rocket among them) drop `data-*`, so the site may stand in the script's URL instead: the
 * collector then writes its id over the name as it serves the file.
 */
export const site = dataset.site || __LEADWAKE_SITE__

/** Where beacons go: the origin that served the script, unless `data-host` names another. */
export const endpoint = new URL('/v1/in', dataset.host || src)

/**
 * Whether ids may be kept before the visitor was asked: the collector writes true or false over the name as it
 * serves the file. Of its setting and the attribute the stricter wins.
 */
export const given = __LEADWAKE_GIVEN__ && dataset.consent !== 'required'

declare const __LEADWAKE_SITE__: string
declare const __LEADWAKE_GIVEN__: boolean
