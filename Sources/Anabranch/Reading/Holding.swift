public import AnabranchCore

/// What is known here of whether another device holds a change.
public enum Holding: String, Hashable, Sendable {
  /// It has said so.
  case said
  /// It has said so, and goes on in another log since: it was repaired, restored or set back, and may have lost it.
  case saidBefore = "said-before"
  /// It wrote it, and has not said since that it holds it. Nothing tells that it was lost there.
  case wrote
  /// It wrote it, in a log that it writes no more, for a reason of these, or since two databases wrote that log; and has not said that it
  /// holds it since.
  case wroteBefore = "wrote-before"
  /// It wrote it, and does not belong to the space, or not any more: nothing is taken from it.
  case wroteOutside = "wrote-outside"
  /// What it has said that it holds does not reach so far. It may have come since.
  case unsaid
  /// It was never met, so what it holds is not known.
  case neverMet = "never-met"

  /// Whether it counts as held there.
  public var isHeld: Bool { self == .said || self == .wrote }
}

/// What is known here of what every other device holds.
public struct Holders: Hashable, Sendable {
  /// Another device.
  public struct Device: Hashable, Sendable {
    /// Its public key.
    public var device: Digest
    /// What people call it; where nobody knows, the beginning of its key.
    public var name: String
    /// What it has said that it holds; nil where it was never met.
    public var said: VersionVector?
    /// Whether it does not belong to the space, or not any more.
    public var isOutside: Bool
    /// The log that it goes on to write, as far as is known.
    var current: LogID?

    /// Whether it went on in another log since it said what it holds.
    fileprivate var wentOn: Bool {
      guard let said, let current else { return false }
      return hasSeveralLogs && said[current] == 0
    }
    /// Whether more than one log of it is held here.
    var hasSeveralLogs: Bool
  }

  /// Every other device of the space, those that were met, and those that wrote something; in the order of their names.
  public var devices: [Device]
  /// Who writes each log.
  var authors: [LogID: Digest]

  /// What is known of who holds a change, of each device but those that are outside and did not write it.
  public func holdings(of change: ChangeID) -> [(device: Device, holding: Holding)] {
    let author = authors[change.log]
    return devices.compactMap { device in
      holding(of: change, on: device, isAuthor: device.device == author).map { (device, $0) }
    }
  }

  /// Up to which change of `log` a device has said that it holds it, as far as that still counts; nil where it never did.
  func last(of log: LogID, saidBy device: Device) -> UInt32? {
    device.isOutside || device.wentOn ? nil : device.said?[log]
  }

  private func holding(of change: ChangeID, on device: Device, isAuthor: Bool) -> Holding? {
    if device.isOutside { return isAuthor ? .wroteOutside : nil }
    let hasSaid = device.said?.contains(change) == true
    if hasSaid, !device.wentOn { return .said }
    if isAuthor { return device.current == change.log ? .wrote : .wroteBefore }
    return device.said == nil ? .neverMet : hasSaid ? .saidBefore : .unsaid
  }
}
