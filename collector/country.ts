import { readFileSync } from 'node:fs'
import { type CountryResponse, Reader } from 'mmdb-lib'
import { Sentence } from './sentence.ts'

/** The country that an address is in, as its ISO 3166 code; null where nobody knows. */
export type CountryOf = (ip: string) => string | null

/**
 * Reads countries from a MaxMind DB file (GeoLite2 Country, DB-IP and the like), which stays in memory. Throws a
 * `Sentence` for a file that cannot be read. Without a file no country is known.
 */
export function countryReader(path: string | undefined): CountryOf {
  if (path === undefined) return () => null
  const reader = open(path)
  return (ip) => {
    try {
      const found = reader.get(ip)
      return (found?.country ?? found?.registered_country)?.iso_code ?? null
    } catch {
      // What is no address is in no country.
      return null
    }
  }
}

function open(path: string): Reader<CountryResponse> {
  try {
    return new Reader<CountryResponse>(readFileSync(path))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Sentence(
      `LEADWAKE_GEO (or --geo): ${path} cannot be read as a MaxMind DB file (.mmdb): ${reason}; name another, or none`,
    )
  }
}
