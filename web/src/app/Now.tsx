import { Activity } from "../features/activity/Activity";
import { Alerts } from "../features/alerts/Alerts";
import { Window } from "../features/block/Window";
import { Burn } from "../features/burn/Burn";
import { Hints } from "../features/hint/Hints";
import { Objectives } from "../features/objective/Objectives";
import { Limits } from "../features/quota/Limits";
import { FirstRun } from "../features/session/FirstRun";
import { Lanes } from "../features/session/Lanes";
import { Today } from "../features/today/Today";
import { useLive, useSnapshot } from "../state/live";
import { Skeleton } from "./Skeleton";
import { useNarrow } from "./useNarrow";

/** What happens, what needs me, will it last. On a phone, what needs somebody comes first. */
export function Now() {
  const narrow = useNarrow();
  const loading = useSnapshot() === null;
  const nothing = useLive(({ picture: { snapshot } }) => snapshot !== null && isFirstRun(snapshot));
  const places = useSnapshot()?.places ?? [];
  if (loading) return <Skeleton />;
  if (nothing) {
    return (
      <div className="now">
        <FirstRun places={places} />
        <Window />
        <Limits />
        <Burn />
        <Today />
        <Alerts />
      </div>
    );
  }
  const [first, second] = narrow ? [<Lanes key="lanes" />, null] : [null, <Lanes key="lanes" />];
  return (
    <div className="now">
      {first}
      <Window />
      <Limits />
      <Burn />
      {second}
      <Alerts />
      <Objectives />
      <Today />
      <Activity />
      <Hints />
    </div>
  );
}

type Known = { sessions: unknown[]; progress: unknown; places: { files: number }[] };

const isFirstRun = (snapshot: Known) =>
  snapshot.sessions.length === 0 && snapshot.progress === null && snapshot.places.every((place) => place.files === 0);
