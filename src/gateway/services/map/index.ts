// CSP 1.3 "Get map": where somebody is, as the address of a map. Who it is lets the user see it in their presence
// (GeoLocation), or the phone says itself where. The map is whatever site the operator names: nothing is fetched here.

import type { PrimitiveOf, StructureOf } from '../../../imps/primitives.ts';
import { jidOfUser } from '../../mapping/address.ts';
import { fromDms } from '../../mapping/geo.ts';
import { statusOf } from '../../result.ts';
import type { Handler, Service } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { ownAttributes } from '../presence/own.ts';
import { shownOf } from '../presence/plan.ts';

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** template: the map's URL, with {latitude} and {longitude} where decimal degrees go. */
export const maps = (template: string): Service => {
  const getMap: Handler<'GetMap-Request'> = async (request, session) => {
    const place = await placeOf(request, session);
    if (typeof place === 'number') return statusOf(place);
    const { latitude, longitude } = place;
    const answer: PrimitiveOf<'GetMap-Response'> = {
      name: 'GetMap-Response',
      URL: template.replaceAll('{latitude}', degrees(latitude)).replaceAll('{longitude}', degrees(longitude)),
    };
    return answer;
  };
  return {
    name: 'map',
    specs: ['CSP 1.3: Get map', 'XEP-0080: User Location'],
    leaves: ['GETMAP'],
    primitives: { 'GetMap-Request': getMap },
  };
};

/** A ten-thousandth of a degree is eleven metres: no phone knew better. */
const degrees = (value: number): string => String(Math.round(value * 1e5) / 1e5);

/** The place, or the code that says why there is none: 531 nobody, 404 not known, 402 nothing named. */
const placeOf = async (request: PrimitiveOf<'GetMap-Request'>, session: SessionView): Promise<Place | number> => {
  if (request.UserID === undefined) return given(request.PresenceSubList?.GeoLocation?.[0]) ?? 402;
  const jid = jidOfUser(request.UserID, session.user.domain);
  if (!jid) return 531;
  return given(shownOf(session, jid, ['GeoLocation'], await ownAttributes.read(session)).GeoLocation?.[0]) ?? 404;
};

const given = (at: StructureOf<'GeoLocation'> | true | undefined): Place | undefined => {
  if (at === undefined || at === true || at.Qualifier === false) return undefined;
  const latitude = fromDms(at.Latitude ?? '', 'latitude');
  const longitude = fromDms(at.Longitude ?? '', 'longitude');
  return latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
};
