import { readFileSync } from "fs";
import { EtcdCluster } from "../../../components";

const lab = `${__dirname}/../../../.lab`;
const known = new Map(
    readFileSync(`${lab}/known_hosts`, "utf8")
        .split("\n")
        .map((line) => line.split(" "))
        .map(([names, type, key]) => [names.split(",")[0], `${type} ${key}`]),
);
const { hosts } = JSON.parse(readFileSync(`${lab}/lab.json`, "utf8")) as { hosts: { name: string; address: string }[] };
const names = (process.env.ETCD_MEMBERS ?? "lb1 w1 w2").split(" ");

const etcd = new EtcdCluster("etcd", {
    ssh: { privateKey: readFileSync(`${lab}/id_lab`, "utf8") },
    members: hosts
        .filter(({ name }) => names.includes(name))
        .map(({ name, address }) => ({ name, address, hostKey: known.get(address) })),
    sources: { etcd: process.env.ETCD_SOURCE ? JSON.parse(process.env.ETCD_SOURCE) : { package: "etcd" } },
    packageSource: "http://10.88.0.2/debian",
    ...JSON.parse(process.env.ETCD_OPTIONS ?? "{}"),
});

export const { endpoints, caCertificate, client } = etcd;
