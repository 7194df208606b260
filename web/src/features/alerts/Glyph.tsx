import { Check, CircleAlert, Hourglass, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { Look, Glyph as Name } from "./words";

const GLYPHS: Record<Name, LucideIcon> = {
  error: CircleAlert,
  warning: TriangleAlert,
  info: Info,
  pending: Hourglass,
  over: Check,
};

export function Glyph({ look }: { look: Look }) {
  const Icon = GLYPHS[look.glyph];
  return <Icon size={16} strokeWidth={1.75} aria-hidden="true" className={`mt-px flex-none tone-${look.tone} toned`} />;
}
