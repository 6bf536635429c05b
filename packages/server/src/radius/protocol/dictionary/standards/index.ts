import type { AttributeFamily } from "../attribute-definition.ts";
import { rfc2866, rfc2867 } from "./accounting.ts";
import { control } from "./control.ts";
import { extended } from "./extended.ts";
import { laterAttributes, rfc2869, rfc5176 } from "./extensions.ts";
import { ipv6 } from "./ipv6.ts";
import { rfc2865 } from "./rfc2865.ts";
import { rfc2868 } from "./tunnels.ts";
import { wireless } from "./wireless.ts";

export const standards: readonly AttributeFamily[] = [
  rfc2865,
  rfc2866,
  rfc2867,
  rfc2868,
  rfc2869,
  ipv6,
  laterAttributes,
  rfc5176,
  wireless,
  extended,
  control,
];
