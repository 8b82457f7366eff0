internal import Anabranch

/// Whether a device is connected, or why not, in words.
struct ConnectionWords {
  private let connection: ConnectionReport
  /// Where it was met last, as the database has it.
  private let lastAddress: String?

  init(_ connection: ConnectionReport, lastAt address: String?) {
    (self.connection, lastAddress) = (connection, address)
  }

  /// The words in lines of at most so many columns. None where there is nothing to say of this device alone.
  func lines(_ columns: Int) -> [String] {
    let words = ([state] + [last]).compactMap { $0 }.joined(separator: " ")
    return words.isEmpty ? [] : TextWidth.wrap(words, columns).map(String.init)
  }

  private var state: String? {
    let address = connection.address ?? ""
    switch connection.state {
    case .connected:
      let since = "Connected since \(connection.since.map(Moment.short) ?? "")"
      return connection.dialled == true ? "\(since), at \(address)." : "\(since): it called, from \(address)."
    case .dialling:
      return "Not connected: it is being dialled at \(address)."
    case .waiting:
      return "Not connected: it is dialled at \(address) in \(Count.span(connection.retryMs ?? 0))."
    case .notDialled:
      let unfound = connection.discovery == true ? ", and it is not found on this network" : ""
      let remedy = lastAddress.map { "`--peer \($0)` dials where it was last" } ?? "it has to call"
      return "Not connected: `serve` was not told where it is\(unfound); \(remedy)."
    case .removed, .cutOff, .notServed, .unknown:
      return nil
    }
  }

  private var last: String? {
    guard let last = connection.last else { return nil }
    return Self.words(of: last)
  }

  private static func words(of last: EndingReport) -> String {
    let (minute, cause) = (Moment.short(last.time), ConnectionEnding.Cause(rawValue: last.cause))
    switch (cause, last.dialled) {
    case (_, false): return "It called last from \(last.address); that ended \(minute): \(last.reason)."
    case (.ended?, true), (.broken?, true): return "The last connection ended \(minute): \(last.reason)."
    case (.turnedAway?, true):
      return "Last tried \(minute): \(last.reason); it may not know this one, or not any more."
    case (_, true): return "Last tried \(minute): \(last.reason)."
    }
  }

  // MARK: Of all

  /// What is to be said of all devices together, in lines of at most so many columns.
  static func ofAll(_ connections: [ConnectionReport], _ source: ConnectionSource, _ columns: Int) -> [String] {
    let words: String? =
      switch source {
      case .daemon where connections.contains { $0.state == .cutOff }:
        "This device was removed from the history, so the others turn it away."
      case .daemon: nil
      case .nobody: "Nobody serves this replica now, so it is connected with none: `anabranch serve`."
      case .file: "A file is read: with whom its device is connected is not known."
      case .silent(let reason): "With whom it is connected now is not known: \(reason)."
      }
    let unmet = connections.first { !$0.unmet.isEmpty }?.unmet ?? []
    let addresses = unmet.flatMap { address in
      let when = address.retryMs.map { "again in \(Count.span($0))" } ?? "being dialled"
      let last = address.last.map { " " + Self.words(of: $0) } ?? ""
      return TextWidth.wrap("\(address.address), \(when).\(last)", columns - 2).map { "  " + $0 }
    }
    return (words.map { TextWidth.wrap($0, columns).map(String.init) } ?? [])
      + (addresses.isEmpty ? [] : ["Dialled, though nobody was met there yet:"] + addresses)
  }
}
