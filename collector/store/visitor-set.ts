/**
 * Who was there, as a few bytes: the numbers of visitors, or, of more than `MOST_LISTED`, a sketch (HyperLogLog) that
 * tells how many there were, of several sets together too. A list is exact and can let go of a visitor; a sketch
 * cannot. Where several projectors give out numbers, a set is of those of one of them.
 */

import { bitsOf, type KnownWord, numbersOf } from './known-words.ts'

/** Numbers kept one by one. They take three bytes each, so that a list is at most three times a sketch. */
export const MOST_LISTED = 4_096
const PRECISION = 12
const REGISTERS = 2 ** PRECISION
/** Greatest rank of a register: leading zeros of 32 bits, and one. */
const MAX_RANK = 33
/** Standard error of a sketch: 1.04 / sqrt(registers) (Flajolet et al., 2007). */
export const SKETCH_ERROR = 1.04 / Math.sqrt(REGISTERS)

/** Each projector gives out numbers from its own multiple of this: 8,192 of them fit below 2^53. */
export const NUMBERS = 2 ** 40
/** Whose number it is. */
export const partOf = (no: number): number => Math.floor(no / NUMBERS)

const LIST = 0
const SKETCH = 1
/** A list of another than the first projector, whose number comes before those of its visitors, which count from its first. */
const PART_LIST = 2
/** Lists of several projectors, each behind its length in bytes: of a state that moved here from where they are kept apart. */
const LISTS = 3

export class VisitorSet {
  private listed: Set<number> | undefined = new Set()
  private registers: Uint8Array | undefined
  /** Whose numbers are listed; undefined while there are none. */
  private part: number | undefined
  /** Others' are listed, too. */
  private isMixed = false
  /** The list as `encode` gave it last, gone on with since: that of a busy day is written with each batch. */
  private bytes: Buffer = Buffer.alloc(0)
  private written = 0

  /** Of bytes that `encode` made; an empty set of none. */
  static decode(bytes: Uint8Array | undefined): VisitorSet {
    const set = new VisitorSet()
    if (!bytes) return set
    if (bytes[0] === SKETCH) {
      set.listed = undefined
      set.registers = bytes.slice(1)
    } else {
      const lists = listsIn(bytes)
      for (const { part, list } of lists.map(headOf)) {
        for (const no of numbersIn(list)) set.listed!.add(part * NUMBERS + no)
        if (set.listed!.size > 0) set.part ??= part
      }
      set.isMixed = lists.length > 1
    }
    return set
  }

  /** Bytes that it takes in memory, about. */
  get weight(): number {
    return this.listed ? 100 + 40 * this.listed.size : 100 + REGISTERS
  }

  get isEmpty(): boolean {
    return this.listed?.size === 0
  }

  /** The numbers; undefined of a sketch. */
  members(): number[] | undefined {
    return this.listed && [...this.listed]
  }

  /** Returns whether that changed anything. */
  add(no: number): boolean {
    if (this.registers) return note(this.registers, no)
    if (this.listed!.has(no)) return false
    this.part ??= partOf(no)
    this.isMixed ||= partOf(no) !== this.part
    this.listed!.add(no)
    if (this.listed!.size > MOST_LISTED) this.sketch()
    else if (this.written > 0 && !this.isMixed) this.write(no - this.part * NUMBERS)
    return true
  }

  /** Adds all of another set. */
  join(other: VisitorSet): this {
    if (other.registers) {
      this.sketch()
      raise(this.registers!, other.registers)
    } else for (const no of other.listed!) this.add(no)
    return this
  }

  private sketch(): void {
    this.registers ??= sketchOf(this.listed!)
    this.listed = undefined
    this.bytes = Buffer.alloc(0)
  }

  /** Returns whether that changed anything; a sketch keeps whom it has seen. */
  delete(no: number): boolean {
    if (!this.listed?.delete(no)) return false
    this.written = 0
    return true
  }

  encode(): Buffer {
    if (this.registers) return Buffer.concat([Buffer.of(SKETCH), this.registers])
    if (this.isMixed) return encodeLists(this.listed!)
    // Whose it will be is not known yet.
    if (this.part === undefined) return Buffer.of(LIST)
    if (this.written === 0) {
      const { part } = this
      this.bytes = Buffer.allocUnsafe(LONGEST * (this.listed!.size + 2))
      this.write(part === 0 ? LIST : PART_LIST)
      if (part !== 0) this.write(part)
      for (const no of this.listed!) this.write(no - part * NUMBERS)
    }
    return this.bytes.subarray(0, this.written)
  }

  /** Puts a number behind the list. What was given out of it stays as it is. */
  private write(no: number): void {
    if (this.bytes.length < this.written + LONGEST) {
      const longer = Buffer.allocUnsafe(2 * this.bytes.length + LONGEST)
      this.bytes.copy(longer, 0, 0, this.written)
      this.bytes = longer
    }
    this.written = put(this.bytes, this.written, no)
  }

  /** Whether bytes that name further visitors of the same projector may be put behind those of `encode`: see `further`. */
  get isOpen(): boolean {
    return this.listed !== undefined && this.listed.size > 0 && !this.isMixed
  }
}

/** Visitors of one projector who come into a list of its own, as bytes behind those of the list. */
export const further = (numbers: readonly number[]): Buffer => packed(numbers.map((no) => no % NUMBERS))

/** Numbers below 2^32, seven bits a byte. */
function packed(numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(LONGEST * numbers.length)
  let at = 0
  for (const no of numbers) at = put(bytes, at, no)
  return bytes.subarray(0, at)
}

/** Bytes of the greatest number. */
const LONGEST = 5

/** Writes a number; returns where the next one goes. */
function put(bytes: Buffer, at: number, no: number): number {
  let [rest, end] = [no, at]
  while (rest > 127) {
    bytes[end++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[end++] = rest
  return end
}

/** Bytes of lists that are counted one number after the other: a bit a visitor takes longer to clear and to count. */
const FEW_BYTES = 2_048

/** Counts the different visitors of several sets. */
export class VisitorUnion {
  /** Short lists, as long as there is nothing else. */
  private few: Uint8Array[] = []
  private fewBytes = 0
  /** A bit a visitor: their numbers are given out from 1 without gaps. */
  private seen = NOBODY
  private registers: Uint8Array | undefined
  /** Whom other projectors than the first have numbered, apart: who is listed there is nobody else's. */
  private others = new Map<number, VisitorUnion>()

  /** To be gone on with, without changing this one; it holds nothing of the bytes that were added. */
  copy(): VisitorUnion {
    const copy = new VisitorUnion()
    copy.few = this.few.map((list) => Uint8Array.from(list))
    copy.fewBytes = this.fewBytes
    copy.seen = this.seen.slice()
    copy.registers = this.registers?.slice()
    for (const [part, other] of this.others) copy.others.set(part, other.copy())
    return copy
  }

  /** Adds all of another one, which stays as it is. */
  merge(other: VisitorUnion): this {
    for (const list of other.few) this.add(list)
    if (other.registers) {
      this.registers ??= new Uint8Array(REGISTERS)
      raise(this.registers, other.registers)
    }
    if (other.seen.length > 0) {
      this.spread()
      if (this.seen.length < other.seen.length) this.seen = widened(this.seen, other.seen.length - 1)
      const [all, more] = [new Int32Array(this.seen.buffer), new Int32Array(other.seen.buffer)]
      for (let i = 0; i < more.length; i++) all[i]! |= more[i]!
    }
    for (const [part, theirs] of other.others) {
      const ours = this.others.get(part) ?? new VisitorUnion()
      this.others.set(part, ours.merge(theirs))
    }
    return this
  }

  /** Bytes that it takes in memory, about. */
  get weight(): number {
    let weight = 200 + this.seen.length + (this.registers?.length ?? 0)
    for (const list of this.few) weight += 100 + list.length
    for (const other of this.others.values()) weight += other.weight
    return weight
  }

  /** Bytes that `VisitorSet.encode` made. */
  add(bytes: Uint8Array): this {
    this.take(bytes)
    return this
  }

  /** The same; returns how many visitors the set holds by itself. */
  take(bytes: Uint8Array): number {
    if (bytes[0] === SKETCH) {
      this.join(bytes)
      return sizeOf(bytes)
    }
    if (bytes[0] === LISTS) {
      let size = 0
      for (const list of listsIn(bytes)) size += this.take(list)
      return size
    }
    if (bytes[0] === PART_LIST) {
      const { part, list } = headOf(bytes)
      const other = this.others.get(part) ?? new VisitorUnion()
      this.others.set(part, other)
      return other.take(list)
    }
    this.fewBytes += bytes.length
    // One alone is counted as it is, however long: a day's in a series of days.
    if (this.fewBytes === bytes.length || this.fewBytes <= FEW_BYTES) {
      this.few.push(bytes)
      return sizeOf(bytes)
    }
    this.spread()
    return this.list(bytes)
  }

  /** `error` is the standard error as a share; 0 where the count is exact. */
  count(): { count: number; error: number } {
    const { registers } = this
    if (!registers) {
      let count = this.counted()
      for (const other of this.others.values()) count += other.counted()
      return { count, error: 0 }
    }
    this.noteTo(registers, 0)
    for (const [part, other] of this.others) other.noteTo(registers, part * NUMBERS)
    return { count: Math.round(estimate(registers)), error: SKETCH_ERROR }
  }

  /** The same of these, as words: of lists at once, 32 visitors at a time. */
  withoutWords(known: readonly KnownWord[]): number {
    if (this.registers || this.others.size > 0) return this.without(known.flatMap(numbersOf))
    this.spread()
    let count = bitsIn(this.seen)
    const { length, buffer } = this.seen
    const seen = new DataView(buffer)
    for (const [word, bits] of known)
      if (word * 4 < length) count -= bitsOf(seen.getInt32(word * 4, true) & bits)
    return count
  }

  /** How many of them are none of these, each of whom is named once. A sketch takes them in: ask last. */
  without(known: readonly number[]): number {
    let { count } = this.count()
    const { registers } = this
    if (registers) {
      // Those who are known or were there, less those who are known.
      for (const no of known) note(registers, no)
      return Math.max(0, Math.round(estimate(registers)) - known.length)
    }
    for (const no of known) if (this.has(no)) count--
    return count
  }

  /** Whether somebody is listed. */
  private has(no: number): boolean {
    const part = partOf(no)
    if (part > 0) return this.others.get(part)?.has(no - part * NUMBERS) ?? false
    this.spread()
    return ((this.seen[no >>> 3] ?? 0) & (1 << (no & 7))) !== 0
  }

  /** How many are listed. */
  private counted(): number {
    if (this.few.length === 1) return sizeOf(this.few[0]!)
    if (this.fewBytes <= FEW_BYTES) return differentIn(this.few)
    this.spread()
    return bitsIn(this.seen)
  }

  private noteTo(registers: Uint8Array, first: number): void {
    this.spread()
    this.seen.forEach((bits, place) => {
      for (let bit = 0; bits >> bit; bit++) if ((bits >> bit) & 1) note(registers, first + place * 8 + bit)
    })
  }

  private spread(): void {
    for (const list of this.few) this.list(list)
    this.few = []
    this.fewBytes = Number.POSITIVE_INFINITY
  }

  private join(bytes: Uint8Array): void {
    this.registers ??= new Uint8Array(REGISTERS)
    raise(this.registers, bytes.subarray(1))
  }

  /** `decode`, written out: a year of a large site has millions of numbers, and writing them down costs as much again. */
  private list(bytes: Uint8Array): number {
    const { length } = bytes
    let { seen } = this
    let numbers = 0
    for (let i = 1; i < length; numbers++) {
      let byte = bytes[i++]!
      let no = byte & 127
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[i++]!
        no |= (byte & 127) << shift
      }
      const place = no >>> 3
      if (place >= seen.length) seen = widened(seen, place)
      // Without asking whether it is there: nobody can guess the answer, a processor neither.
      seen[place]! |= 1 << (no & 7)
    }
    this.seen = seen
    return numbers
  }
}

/** Sorted, and counted where one differs from the one before: of a few hundred a third of what a Set of them takes. */
function differentIn(lists: readonly Uint8Array[]): number {
  const numbers = new Uint32Array(FEW_BYTES)
  let end = 0
  for (const list of lists) end = decode(list, numbers, end)
  const sorted = numbers.subarray(0, end).sort()
  let different = 0
  for (let i = 0; i < end; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) different++
  return different
}

const NOBODY = new Uint8Array(0)

/** Half as long again, in whole words: an hour of a large site is one of hundreds, and some came late. */
function widened(seen: Uint8Array, place: number): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(4 * Math.ceil(((place + 1) * 1.5) / 4))
  wider.set(seen)
  return wider
}

/** How many bits are set. */
function bitsIn({ buffer }: Uint8Array): number {
  let sum = 0
  for (const word of new Int32Array(buffer)) sum += bitsOf(word)
  return sum
}

/** How many visitors a set holds, of the bytes that `VisitorSet.encode` made. */
export function sizeOf(bytes: Uint8Array): number {
  if (bytes[0] === SKETCH) return Math.round(estimate(bytes.subarray(1)))
  if (bytes[0] === PART_LIST) return sizeOf(headOf(bytes).list)
  let size = 0
  if (bytes[0] === LISTS) {
    for (const list of listsIn(bytes)) size += sizeOf(list)
    return size
  }
  for (let i = 1; i < bytes.length; i++) if (bytes[i]! < 128) size++
  return size
}

/** Whose list it is, and the list as that of the first projector would be. */
function headOf(bytes: Uint8Array): { part: number; list: Uint8Array } {
  if (bytes[0] !== PART_LIST) return { part: 0, list: bytes }
  let [part, begin] = [0, 1]
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[begin++]!
    part |= (byte & 127) << shift
    if (byte > 127) continue
    const list = Uint8Array.from(bytes.subarray(begin - 1))
    list[0] = LIST
    return { part, list }
  }
}

/** A list of each projector whose numbers they are. */
function encodeLists(numbers: Iterable<number>): Buffer {
  const sets = new Map<number, VisitorSet>()
  for (const no of numbers) {
    const part = partOf(no)
    if (!sets.has(part)) sets.set(part, new VisitorSet())
    sets.get(part)!.add(no)
  }
  const lists = [...sets.values()].map((set) => set.encode())
  // Of one whose others have all gone it is the list itself.
  if (lists.length < 2) return lists[0] ?? new VisitorSet().encode()
  const lengths = lists.map((list) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(list.length)
    return length
  })
  return Buffer.concat([Buffer.of(LISTS), ...lists.flatMap((list, i) => [lengths[i]!, list])])
}

/** The lists of what `encodeLists` made; of any other list that one. */
function listsIn(bytes: Uint8Array): Uint8Array[] {
  if (bytes[0] !== LISTS) return [bytes]
  const lists: Uint8Array[] = []
  const { buffer, byteOffset } = bytes
  const view = new DataView(buffer, byteOffset, bytes.length)
  for (let at = 1; at < bytes.length; ) {
    const length = view.getUint32(at, true)
    lists.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return lists
}

function raise(registers: Uint8Array, others: Uint8Array): void {
  for (let i = 0; i < REGISTERS; i++) if (others[i]! > registers[i]!) registers[i] = others[i]!
}

function numbersIn(list: Uint8Array): Uint32Array {
  const numbers = new Uint32Array(list.length)
  return numbers.subarray(0, decode(list, numbers, 0))
}

/** Writes the numbers of a list behind those that are there; returns where the next one goes. */
function decode(list: Uint8Array, into: Uint32Array, from: number): number {
  const { length } = list
  let end = from
  for (let i = 1; i < length; ) {
    let byte = list[i++]!
    let no = byte & 127
    for (let shift = 7; byte > 127; shift += 7) {
      byte = list[i++]!
      no |= (byte & 127) << shift
    }
    into[end++] = no
  }
  return end
}

function sketchOf(numbers: Iterable<number>): Uint8Array {
  const registers = new Uint8Array(REGISTERS)
  for (const no of numbers) note(registers, no)
  return registers
}

function note(registers: Uint8Array, no: number): boolean {
  // Of the first projector the number itself; what the others count from 1, too, must not look like it.
  const folded = no < NUMBERS ? no : no ^ mix(partOf(no))
  const place = mix(folded) >>> (32 - PRECISION)
  const rank = Math.clz32(mix(folded ^ 0x9e3779b9)) + 1
  if (rank <= registers[place]!) return false
  registers[place] = rank
  return true
}

/** The finaliser of MurmurHash3 (public domain). */
function mix(no: number): number {
  let hash = no
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Otmar Ertl's estimator ('New cardinality estimation algorithms for HyperLogLog sketches', 2017), without a bias at any size. */
function estimate(registers: Uint8Array): number {
  const counts = new Array<number>(MAX_RANK + 1).fill(0)
  for (const rank of registers) counts[rank]!++
  let z = REGISTERS * tau(1 - counts[MAX_RANK]! / REGISTERS)
  for (let rank = MAX_RANK - 1; rank >= 1; rank--) z = 0.5 * (z + counts[rank]!)
  z += REGISTERS * sigma(counts[0]! / REGISTERS)
  return (REGISTERS / (2 * Math.LN2)) * (REGISTERS / z)
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let [x, y, z] = [share, 1, share]
  for (let before = -1; before !== z; ) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let [x, y, z] = [share, 1, 1 - share]
  for (let before = -1; before !== z; ) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
  }
  return z / 3
}
