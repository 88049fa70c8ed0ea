// `currentScript` is null in modules; the error ends the script, see build.ts.
export const { dataset, src } = document.currentScript as HTMLScriptElement

/** Where beacons go: the origin that served the script, unless `data-host` names another. */
export const endpoint = new URL('/v1/in', dataset.host || src)
