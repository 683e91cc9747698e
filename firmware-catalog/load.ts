/**
 * The catalogue as one value. Plain imports, so that a bundle carries it and a site judges offline;
 * a test proves that every file of data/ is here.
 */
import type { Advisory, Catalogue, Release, Rule } from '@brickyard/firmware/catalogue'
import advisories from './data/advisories/advisories.json' with { type: 'json' }
import edge202611 from './data/baselines/edge-2026-11.json' with { type: 'json' }
import asrockRackE3c246d4iNl from './data/vendors/asrock-rack/e3c246d4i-nl.json' with { type: 'json' }
import debianVirtualMachine from './data/vendors/debian/virtual-machine.json' with { type: 'json' }
import dellPoweredgeR6515 from './data/vendors/dell/poweredge-r6515.json' with { type: 'json' }
import gigabyteVertivBmc from './data/vendors/gigabyte/vertiv-bmc.json' with { type: 'json' }
import hpeIlo from './data/vendors/hpe/ilo.json' with { type: 'json' }
import hpeSystemRom from './data/vendors/hpe/system-rom.json' with { type: 'json' }
import supermicroX11dphT from './data/vendors/supermicro/x11dph-t.json' with { type: 'json' }

/** What the schema of a family says; JSON imports have wider types than the schema allows. */
interface Family {
  readonly releases: readonly Release[]
  readonly rules: readonly Rule[]
}

/** The whole catalogue. Entries are checked by the tests, not again here. */
export function loadCatalogue(): Catalogue {
  const files: readonly unknown[] = [
    asrockRackE3c246d4iNl,
    debianVirtualMachine,
    dellPoweredgeR6515,
    gigabyteVertivBmc,
    hpeIlo,
    hpeSystemRom,
    supermicroX11dphT,
  ]
  const families = files as readonly Family[]
  const known: readonly unknown[] = advisories
  return {
    releases: families.flatMap(({ releases }) => releases),
    rules: families.flatMap(({ rules }) => rules),
    baselines: edge202611,
    advisories: known as readonly Advisory[],
  }
}
