import type { RigSite } from './site.ts'

/** An agent with these settings for as long as the work lasts, then one with the usual ones. */
export async function withSettings(
  site: RigSite,
  settings: object,
  work: () => Promise<void>,
): Promise<void> {
  await site.stopAgent()
  await site.startAgent(settings)
  try {
    await work()
  } finally {
    await site.stopAgent()
    await site.startAgent()
  }
}
