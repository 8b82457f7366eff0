internal import Anabranch

extension LackReport {
  /// What each other device lacks, and how it stands by what whoever serves the replica in `home` says; nil for a file.
  /// O(devices × logs), and a change read of each gap.
  static func all(of replica: Replica, servedAt home: Home?) async throws -> [LackReport] {
    try await all(of: replica, await ConnectionSource.ask(home))
  }

  /// The same by what `source` knows of connections.
  static func all(of replica: Replica, _ source: ConnectionSource) async throws -> [LackReport] {
    let names = try await replica.logNames()
    let status = try await replica.status()
    let met = Dictionary(status.peers.map { ($0.record.device, $0.record) }) { first, _ in first }
    let others = try await replica.devices().filter { !$0.isThisOne }
    let lacking = others.map { device in
      met[device.device].map { status.vector.missing(from: $0.vector.merging(source.known(of: device.device))) } ?? []
    }
    let firsts = lacking.joined().map { ChangeID(log: $0.log, sequence: $0.sequences.lowerBound) }
    let records = try await replica.changes(firsts)
    let times = Dictionary(zip(firsts, records.map(\.change.time.milliseconds))) { first, _ in first }
    return zip(others, lacking).map { device, lacking in
      let gaps = lacking.map { log, sequences in
        let since = times[ChangeID(log: log, sequence: sequences.lowerBound)] ?? 0
        return LackReport.Gap(log, sequences, since: since, names)
      }
      var report = LackReport(device, met[device.device], gaps, source)
      // A backup is nobody's; it still says what the device was called that made it.
      report.isMaker = status.isNobodys && met[device.device] == nil && device.name == status.name
      return report
    }
  }
}
