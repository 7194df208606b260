import type {
  CommandList,
  CommandsShape,
  CommandWorkShape,
  FileList,
  FilesShape,
  FileWorkShape,
} from "../../../api/frames.gen";
import { EmptyState } from "../../../components/EmptyState";
import { type Column, Table } from "../../../components/Table";
import { duration, plural } from "../../../lib/format";
import { Breaking } from "./Breaking";
import { Changed } from "./Changed";
import { Section } from "./Section";
import { useAll } from "./useAll";

const FILES: readonly Column<FileWorkShape>[] = [
  { head: "File", cell: ({ path }) => <Path path={path} /> },
  { head: "Lines", cell: (file) => <Changed {...file} /> },
  { head: "Edits", cell: ({ edits }) => edits },
  { head: "Reads", cell: ({ reads }) => reads, side: true },
];

/** A path that breaks between folders first. */
const Path = ({ path }: { path: string }) => (
  <span className="font-mono font-normal">
    <Breaking text={path} after="/" />
  </span>
);

/** The files that it read and changed, most changed first. */
export function Files({ id, files }: { id: string; files: FilesShape }) {
  const { totals } = files;
  const { list, want } = useAll<FileList>(`/api/sessions/${encodeURIComponent(id)}/files`, files);
  return (
    <Section title="Files" aside={totals.files > 0 && `${totals.edited} of ${plural(totals.files, "file")} changed`}>
      {files.files.length === 0 ? (
        <EmptyState what="None is known." />
      ) : (
        <Table
          caption="Files"
          columns={FILES}
          rows={(list ?? files).files}
          keyOf={({ path }) => path}
          total={totals.files}
          want={want}
        />
      )}
    </Section>
  );
}

const COMMANDS: readonly Column<CommandWorkShape>[] = [
  { head: "Command", cell: ({ label }) => <span className="font-mono font-normal">{label ?? "(not known)"}</span> },
  { head: "Runs", cell: ({ runs }) => runs },
  { head: "Repeats", cell: ({ repeats }) => repeats },
  { head: "Failed", cell: (command) => <Failed {...command} /> },
  { head: "Took", cell: ({ durationMs }) => duration(durationMs), side: true },
];

/** What failed three times in a row without a change is worth a look. */
const MANY = 3;

const Failed = ({ failed, failedInRow }: CommandWorkShape) => (
  <span className={failed > 0 ? "tone-danger toned" : "text-ink-3"}>
    {failed}
    {failedInRow >= MANY && <span className="block text-12">{failedInRow} in a row</span>}
  </span>
);

/** The commands that it ran, by their program; a repeat is the same command as before, to the letter. */
export function Commands({ id, commands }: { id: string; commands: CommandsShape }) {
  const { totals } = commands;
  const { list, want } = useAll<CommandList>(`/api/sessions/${encodeURIComponent(id)}/commands`, commands);
  return (
    <Section title="Commands" aside={totals.runs > 0 && `${plural(totals.runs, "run")}, ${totals.repeats} repeated`}>
      {commands.commands.length === 0 ? (
        <EmptyState what="None is known." />
      ) : (
        <Table
          caption="Commands"
          columns={COMMANDS}
          rows={(list ?? commands).commands}
          keyOf={({ label }) => label ?? ""}
          total={totals.labels}
          want={want}
        />
      )}
    </Section>
  );
}
