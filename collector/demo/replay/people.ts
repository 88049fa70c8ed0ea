import type { Chance } from './chance.ts'

/** People and companies of the demo's past, all made up; mail to `.example` reaches nobody (RFC 2606). */
const FIRST =
  'Ada Amir Anna Anton Asta Beate Bruno Carla Chiara Dagny David Elena Emil Eva Farid Felix Greta Hana Henrik Ida Ingrid Ivan Jana Jonas Julia Karim Klara Lars Lea Leon Lina Luca Maja Marek Maria Mateo Mila Milan Nadia Nils Nora Oskar Paula Pavel Petra Rafael Rosa Samir Sofie Stefan Tara Theo Tilde Tomas Ulla Viktor Yara Zoe'.split(
    ' ',
  )
const LAST =
  'Albrecht Andersen Baumann Becker Berg Bianchi Borg Brandt Carlsson Castro Dahl Dietz Dubois Eder Falk Ferrari Fischer Frank Garcia Graf Gruber Haas Hansen Hartmann Holm Huber Jansen Keller Koch Kowalski Kraus Larsen Lehmann Lindgren Lorenz Maier Marino Meier Moreau Nagy Nilsson Novak Olsen Pereira Peters Petrov Ricci Roth Sanders Schmid Schubert Silva Sommer Stein Svensson Vogel Wagner Weber Winter Wolf'.split(
    ' ',
  )
const COMPANIES =
  'Hafenwerke Nordwalz Papier_Lindau Alpenstahl Stadtwerke_Ohlsee Kranbau_Reuter Molkerei_Talhof Vestkraft Isar_Hydraulik Brennerwerk Kieswerk_Moor Fjordbruk Zellstoff_Aarau Duna_Pumps Rotterdam_Grain Poldergas Baltic_Cement Mosel_Glas Ruhr_Gebläse Tyne_Paper Lakeside_Water Ohio_Bearings Prairie_Foods Velden_Textiel Ostsee_Fähren Turbinenbau_Hof Sägewerk_Kranz Kalkwerk_Jura Brauhaus_Steinach Chemiepark_Elster Lyon_Ventilation Adria_Marine'
    .split(' ')
    .map((name) => name.replaceAll('_', ' '))
const TITLES: readonly (readonly [number, string])[] = [
  [9, 'Head of maintenance'],
  [7, 'Maintenance engineer'],
  [5, 'Plant manager'],
  [4, 'Reliability engineer'],
  [3, 'Production manager'],
  [3, 'Purchasing'],
  [2, 'Managing director'],
  [2, 'Technical director'],
  [1, 'Consultant'],
]
const FREE_MAIL = ['gmail.com', 'gmx.net', 'outlook.com']

export interface Someone {
  email: string
  /** As the demo's form handler passes them on. */
  traits: Record<string, unknown>
}

/** Somebody whose e-mail address nobody of another number has. A short form asks for the address alone. */
export function someone(chance: Chance, number: number, form: 'short' | 'long'): Someone {
  const [first, last] = [chance.pick(FIRST), chance.pick(LAST)]
  // A few companies send several people: buying is done by teams.
  const company = COMPANIES[Math.floor(chance.next() ** 1.6 * COMPANIES.length)]!
  const title = chance.weighted(TITLES)
  const isPrivate = chance.happens(form === 'short' ? 0.3 : 0.06)
  const domain = isPrivate ? chance.pick(FREE_MAIL) : `${plain(company)}.example`
  return {
    email: `${plain(first)}.${plain(last)}.${number}@${domain}`,
    traits: form === 'short' ? {} : { name: `${first} ${last}`, company: { name: company }, title },
  }
}

/** A student who needs sensors for a thesis: the rules send such away. */
export const student = (chance: Chance, number: number): Someone => {
  const [first, last] = [chance.pick(FIRST), chance.pick(LAST)]
  return {
    email: `${plain(first)}.${plain(last)}.${number}@student.ohlsee.example`,
    traits: { name: `${first} ${last}`, title: 'Student' },
  }
}

const plain = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
