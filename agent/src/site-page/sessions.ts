/** Who is signed in to the technician's page. In memory: a restart of the agent asks for the PIN again. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { randomHex, type Random } from '@brickyard/runtime/random'
import { Hours, Minutes } from '@brickyard/std/units'

/** A phone in a pocket is signed out after this; a day's work at a rack after the other. */
const IDLE_MS = Minutes(30)
const LIFE_MS = Hours(8)
/** People at one rack at the same time; beyond it the one idle for longest is signed out. */
const SESSIONS_MAX = 16
/** 128 bits: nobody guesses it. */
const TOKEN_BYTES = 16

export interface Session {
  /** The name the person gave; it stands in the journal beside what they did. */
  readonly by: string
  /** Stands in every form of this session, so that no other page can post in its name. */
  readonly formToken: string
  readonly startedMs: number
  lastMs: number
  /** Said once at the top of the next page. */
  notice: string | undefined
}

export interface Sessions {
  /** Begins a session and gives the cookie's value. */
  open(by: string, nowMs: number): string
  find(cookie: string, nowMs: number): Session | undefined
  close(cookie: string): void
}

export function createSessions(random: Random): Sessions {
  /** By the hash of the cookie, so that looking one up tells nothing by its time. */
  const sessions = new Map<string, Session>()
  return {
    open(by, nowMs) {
      const cookie = randomHex(random, TOKEN_BYTES)
      const formToken = randomHex(random, TOKEN_BYTES)
      const longestIdle = [...sessions].sort((a, b) => a[1].lastMs - b[1].lastMs)[0]
      if (sessions.size >= SESSIONS_MAX && longestIdle !== undefined) {
        sessions.delete(longestIdle[0])
      }
      const session = { by, formToken, startedMs: nowMs, lastMs: nowMs, notice: undefined }
      sessions.set(hashOf(cookie), session)
      return cookie
    },
    find(cookie, nowMs) {
      const session = sessions.get(hashOf(cookie))
      if (session === undefined) return undefined
      if (nowMs - session.lastMs >= IDLE_MS || nowMs - session.startedMs >= LIFE_MS) {
        sessions.delete(hashOf(cookie))
        return undefined
      }
      session.lastMs = nowMs
      return session
    },
    close(cookie) {
      sessions.delete(hashOf(cookie))
    },
  }
}

const hashOf = (cookie: string): string => createHash('sha256').update(cookie).digest('hex')

/** Compares two texts in a time that does not tell where they differ. */
export function sameSecret(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(hashOf(a)), Buffer.from(hashOf(b))]
  return timingSafeEqual(left, right)
}
