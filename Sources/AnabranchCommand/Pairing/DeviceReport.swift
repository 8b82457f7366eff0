internal import Anabranch

/// A device of the space, as `--json` prints it.
struct DeviceReport: Codable, Sendable {
  var name: String
  var device: String
  var fingerprint: String
  var role: String
  /// Whether it was removed although it has that role here, since what says so was lost to damage.
  var isRemovalLost: Bool
  var rank: Int
  /// What let it in: a device's fingerprint; null for the recovery phrase.
  @Nullable var enroller: String?
  var isThisOne: Bool

  init(_ record: DeviceRecord) {
    name = record.name
    device = record.device.description
    fingerprint = record.device.fingerprint
    role = record.role.name
    isRemovalLost = record.isRemovalLost
    rank = record.rank
    enroller = record.enroller?.fingerprint
    isThisOne = record.isThisOne
  }
}

extension Replica {
  /// The device that a person means by its key, by its name, or by the beginning of its fingerprint.
  ///
  /// Throws where there is none, or there are several. Other devices choose their names, and may choose one that looks like
  /// a fingerprint: so a name stands for a device only where it is no other one's fingerprint, and a whole key for itself.
  func findDevice(_ text: String) throws(AnabranchError) -> Digest {
    let all = try devices()
    let digits = text.lowercased().filter { !$0.isWhitespace }
    if let exact = all.first(where: { $0.device.description == digits }) { return exact.device }
    let named = all.filter { $0.name == text }
    let keyed = all.filter { digits.count >= 4 && $0.device.description.hasPrefix(digits) }
    var found = all.filter { named.contains($0) || keyed.contains($0) }
    // A device that was replaced may be called like the one that took its place.
    let present = found.filter { $0.role != .outsider }
    if named.isEmpty || keyed.isEmpty, !present.isEmpty { found = present }
    guard let first = found.first else {
      throw AnabranchError(
        .notFound, "there is no device “\(text)” in this space", remedy: "see `anabranch devices` for those there are")
    }
    guard found.count == 1 else {
      throw AnabranchError(
        .ambiguous, "\(found.count) devices are called “\(text)”",
        remedy: "give the key of the one you mean, as `anabranch devices --json` shows it")
    }
    return first.device
  }

  /// What is to be said of a device; nil where there is none in the space.
  func report(of device: Digest) throws(AnabranchError) -> DeviceReport? {
    try devices().first { $0.device == device }.map(DeviceReport.init)
  }
}
