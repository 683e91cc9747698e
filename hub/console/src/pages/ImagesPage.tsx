import type { Image } from '@brickyard/api/schemas'
import { commandText } from '@brickyard/cli/command-table'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { imagesQuery } from '../api/queries.ts'
import { Answer } from '../ui/Answer.tsx'
import { PlainBadge } from '../ui/Badge.tsx'
import { CommandLine, CopyButton } from '../ui/Copy.tsx'
import { PageHead } from '../ui/Page.tsx'
import { Empty, Mono } from '../ui/Panel.tsx'
import { binaryText, middleCut } from '../ui/quantity.ts'
import { RowHead, Table, Td, Th, Tr } from '../ui/Table.tsx'
import { Ago } from '../ui/Time.tsx'

export function ImagesPage() {
  const images = useQuery(imagesQuery)
  return (
    <>
      <PageHead
        title="Images"
        below="Named by the SHA-256 of their bytes; every site fetches, checks and keeps its own copy."
      />
      <Answer query={images}>
        {({ items }) => (
          <div className="panel">
            {items.length === 0 ? (
              <Empty title="The hub holds no image yet.">
                <p>The command line reads sizes and hashes from the file and uploads it:</p>
                <CommandLine command={commandText('image add', ['debian-13.raw.zst'])} />
              </Empty>
            ) : (
              <ImagesTable images={items} />
            )}
          </div>
        )}
      </Answer>
    </>
  )
}

function ImagesTable({ images }: { images: readonly Image[] }) {
  return (
    <Table
      caption="Images"
      head={
        <>
          <Th>Image</Th>
          <Th>State</Th>
          <Th>Format</Th>
          <Th>For</Th>
          <Th right>Size</Th>
          <Th right>On disk</Th>
          <Th right>Smallest disk</Th>
          <Th>SHA-256</Th>
          <Th>Added</Th>
        </>
      }
    >
      {images.map((image) => (
        <Tr key={image.sha256}>
          <RowHead>
            {image.state === 'ready' ? (
              <Link
                to="/deployments/new"
                search={{ image: image.sha256 }}
                className="hover:underline"
              >
                {image.name}
              </Link>
            ) : (
              image.name
            )}
          </RowHead>
          <Td>
            {image.state === 'ready' ? (
              <PlainBadge said={{ word: 'ready', shape: 'check', tone: 'good' }} />
            ) : (
              <PlainBadge
                said={{
                  word: `${Math.floor((image.receivedBytes / image.bytes) * 100)} % received`,
                  shape: 'half',
                  tone: 'busy',
                }}
              />
            )}
          </Td>
          <Td className="text-ink-soft">{image.format}</Td>
          <Td className="whitespace-nowrap text-ink-soft">
            {image.arch}, {image.firmware.join(' + ')}
          </Td>
          <Td right className="font-mono text-xs whitespace-nowrap">
            {binaryText(image.bytes)}
          </Td>
          <Td right className="font-mono text-xs whitespace-nowrap">
            {binaryText(image.rawBytes)}
          </Td>
          <Td right className="font-mono text-xs whitespace-nowrap">
            {binaryText(image.minDiskBytes)}
          </Td>
          <Td>
            <span className="flex items-center gap-1 whitespace-nowrap" title={image.sha256}>
              <Mono>{middleCut(image.sha256, 6)}</Mono>
              <CopyButton text={image.sha256} name={`the SHA-256 of ${image.name}`} />
            </span>
          </Td>
          <Td className="text-ink-soft">
            <Ago atMs={image.createdAtMs} />
          </Td>
        </Tr>
      ))}
    </Table>
  )
}
