internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire
internal import SeededRandom

/// What a run leaves of its machines, so that what is wrong with their histories can be looked at alone.
extension Simulation {
  /// A bundle of each machine whose database can be read, by the machine's name.
  func bundles(of violation: Violation?) -> [(name: String, bytes: [UInt8])] {
    hosts.compactMap { host in
      host.disk.spared { try? bundle(of: host, violation) }.map { (host.name, $0) }
    }
  }

  private func bundle(of host: Host, _ violation: Violation?) throws -> [UInt8] {
    guard let running = host.process?.store else {
      let store = try Store(at: host.disk.path(Host.database), access: .read)
      defer { try? store.close() }
      return try bundle(of: store, violation)
    }
    return try bundle(of: running, violation)
  }

  private func bundle(of store: Store, _ violation: Violation?) throws -> [UInt8] {
    var random = RandomStream(seed: seed, "pseudonyms")
    var bytes = HistoryBundle.header
    let count = try store.bundle(of: "simulate", by: Pseudonyms(key: random.digest())) { entry in
      bytes += HistoryBundle.bytes(of: entry)
    }
    let run = drawn.lines.joined(separator: "\n")
    let failure = violation.map { BundleEntry.failure(property: UInt32($0.property.rawValue), seen: $0.detail) }
    for entry in [failure, .run(run), .end(changes: count.changes, views: count.views)] {
      bytes += entry.map(HistoryBundle.bytes) ?? []
    }
    return bytes
  }
}
