internal import AnabranchSync
internal import AnabranchWire

extension AnabranchError {
  /// Why a device did not come in at `address`, by a code.
  init(joining ending: SyncEnding?, reason: String, at address: String) {
    let reason = reason.inOneLine
    if ending?.origin == .peer {
      self.init(
        .denied, "the device at \(address) did not let this one in: \(reason)",
        remedy:
          "ask for a new code there; a device whose rights were taken, or that may do less, comes in as a new one: make a replica with "
          + "`anabranch init` and another --home")
    } else {
      self.init(
        .denied, "the device at \(address) does not take the code: \(reason)",
        remedy: "a code is good for one device and two minutes: get a new one with `anabranch pair` there")
    }
  }

  /// Why a session with `address` that ended so, for `reason`, was none in good order.
  ///
  /// What never proved to be one is hardly a replica, so then the address is doubted, and not the connection.
  init(_ ending: SyncEnding?, reason: String, at address: String, isReplica: Bool) {
    let reason = reason.inOneLine
    let code = ending?.closing.flatMap { Closing.Code(rawValue: $0.code) }
    switch (code, ending?.origin) {
    case (.own, _):
      self.init(
        .invalid, "\(address) is this same device",
        remedy: "give the address of another replica; a copied home has this device's key, so make a new one there "
          + "(`anabranch init` with another --home) and let that in by `anabranch pair`")
    case (.version, _):
      self.init(
        .protocolViolation, "no exchange with \(address) is possible: \(reason)",
        remedy: "use the same version of anabranch on both sides")
    case (.space, .here) where !isReplica:
      self.init(
        .denied, "nothing was told to \(address): \(reason)",
        remedy: "see `anabranch devices`; to let it in, `anabranch pair` here and `anabranch join` there")
    case (.violation, .here) where !isReplica:
      self.init(noReplicaAt: address, reason)
    case (.timeout, .here) where !isReplica:
      self.init(noReplicaAt: address, "it says nothing")
    case (nil, _) where !isReplica:
      self.init(noReplicaAt: address, "it closed the connection without a word")
      remedy += "; a replica with too many connections does the same, then try again later"
    default:
      self.init(
        ending?.closing == nil ? .unreachable : .protocolViolation,
        "the exchange with \(address) broke off: \(reason)",
        remedy: "what arrived is kept; "
          + (code == .storage && ending?.origin == .here
            ? "free some space where the disk is full, else see `anabranch inspect check`; then " : "")
          + "`anabranch sync \(address)` completes it")
    }
  }

  private init(noReplicaAt address: String, _ reason: String) {
    self.init(
      .protocolViolation, "what listens at \(address) is not an Anabranch replica: \(reason)",
      remedy: "check the address and port")
  }
}

extension String {
  /// What somebody else said, without the line breaks it may have: to stand within a sentence.
  var inOneLine: String {
    split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
