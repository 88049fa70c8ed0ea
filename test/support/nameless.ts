/** A contact, but for its number and site: nothing is known of it. */
export const NAMELESS = {
  id: 'c',
  email: null,
  phone: null,
  externalId: null,
  traits: {},
  verified: true,
  identifiedAt: 1,
  ownVisitor: 0,
  mergedInto: null,
  learned: {},
  company: null,
  companyName: null,
  objectedAt: null,
  owner: null,
}
