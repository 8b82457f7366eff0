internal import Anabranch

/// Whose key lies in a home, as `inspect check --json` and `status --json` print it.
struct KeyStandingReport: Codable {
  var device: String
  @Nullable var name: String?
  /// The device that wrote the database last.
  @Nullable var writer: String?
  /// `within`, `removed` or `unknown`.
  var place: String

  init(_ key: KeyStanding) {
    (device, name) = (key.device.description, key.name)
    (writer, place) = (key.writer?.description, key.place.rawValue)
  }
}

extension KeyStanding {
  /// What somebody should know of it, one sentence each; none where all is as usual.
  var notes: [String] {
    var notes: [String] = []
    if isOfAnother, let writer {
      let last = Self.called(writer, writerName)
      notes.append(
        "The key here is of \(Self.called(device, name)), and this database was written by \(last) last: what is written here goes on "
          + "in a log of the former.")
    }
    let subject = isOfAnother ? "That device" : "The device whose key is here, \(Self.called(device, name)),"
    switch place {
    case .within: break
    case .removed:
      notes.append(
        "\(subject) was removed from this history: what is written here stays here. Make a backup, restore that into another home "
          + "(`anabranch restore-backup`), and let that in.")
    case .unknown:
      notes.append(
        "\(subject) is not among the devices of this history: what is written here stays here. Let it in: `anabranch pair` on another "
          + "device, then `anabranch join` here; or `anabranch recover` with the recovery phrase.")
    }
    return notes
  }

  private static func called(_ device: Digest, _ name: String?) -> String {
    let fingerprint = String(device.description.prefix(8))
    guard let name, !name.isEmpty else { return fingerprint }
    return "\(name) (\(fingerprint))"
  }
}
