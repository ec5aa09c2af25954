export * from "./addons";
export * from "./components";
export * from "./etcd";
export * from "./firewall";
export * from "./hosts";
export * from "./loadBalancer";
export * from "./network";
export * from "./sources";
