import type { AttributeFamily } from "../attribute-definition.ts";
import { adslForum, h3c, nokia, redback } from "./broadband.ts";
import { cisco } from "./cisco.ts";
import { ascend, fortinet, hp, sonicWall } from "./firewalls-and-switches.ts";
import { chilliSpot, colubris, mikrotik, nomadix, pfSense, roaringPenguin, wispr } from "./hotspots.ts";
import { huawei } from "./huawei.ts";
import { erx, juniper } from "./juniper.ts";
import { microsoft } from "./microsoft.ts";
import { lucent, mobile3gpp, starent, usr, wimax } from "./mobile.ts";
import { aerohive, airespace, aruba, cambium, meraki, ruckus } from "./wireless-lan.ts";

export const vendorFamilies: readonly AttributeFamily[] = [
  mikrotik,
  wispr,
  chilliSpot,
  pfSense,
  nomadix,
  colubris,
  roaringPenguin,
  airespace,
  ruckus,
  aruba,
  meraki,
  cambium,
  aerohive,
  cisco,
  microsoft,
  huawei,
  erx,
  juniper,
  nokia,
  redback,
  h3c,
  adslForum,
  mobile3gpp,
  starent,
  wimax,
  usr,
  lucent,
  fortinet,
  hp,
  ascend,
  sonicWall,
];
