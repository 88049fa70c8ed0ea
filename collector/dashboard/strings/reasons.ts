/** Why sales rejects somebody, in words. */

const en = {
  no_budget: 'No budget',
  no_authority: 'No authority',
  no_need: 'No need',
  no_infrastructure: 'No infrastructure',
  bad_timing: 'Bad timing',
  wrong_person: 'Wrong person',
  not_reachable: 'Not reachable',
  competitor: 'Competitor',
  duplicate: 'Duplicate',
  spam: 'Spam',
}

const de: typeof en = {
  no_budget: 'Kein Budget',
  no_authority: 'Keine Befugnis',
  no_need: 'Kein Bedarf',
  no_infrastructure: 'Keine Infrastruktur',
  bad_timing: 'Falscher Zeitpunkt',
  wrong_person: 'Falsche Person',
  not_reachable: 'Nicht erreichbar',
  competitor: 'Mitbewerber',
  duplicate: 'Doppelt',
  spam: 'Spam',
}

export const reasonStrings = { en, de }
