public import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire

extension Replica {
  /// Starts an answer whose words come one after the other, and returns the message's name.
  ///
  /// Follow with ``append(_:to:)`` for each piece. A message that is never continued stays as far as it came.
  public func beginMessage(
    in conversation: ObjectID, as role: Role = .assistant, model: String? = nil, at placement: Placement = .shown
  ) throws(AnabranchError) -> ObjectID {
    try say("", in: conversation, as: role, model: model, at: placement)
  }

  /// Adds `text` at the end of a message, durable when this returns.
  ///
  /// Pieces that follow each other become one operation of one change, which is sealed and sent after two seconds
  /// without another piece, every ten seconds, at 64 KiB, or when a peer connects; so streaming costs about its own bytes. Live peers are
  /// told of the words at once: see ``words`` and ``liveText(_:of:)``.
  public func append(_ text: String, to message: ObjectID) throws(AnabranchError) {
    guard !text.isEmpty else { return }
    _ = try deviceKey()
    let wall = surroundings.wall()
    var generator = SurroundingsGenerator(surroundings: surroundings)
    let pieces = text.pieces(bytesMax: OpenChange.bytesMax)
    let before = try vector()
    // Whatever was kept before a piece that fails is to be sealed too.
    defer { sealAfterRest() }
    edited = message
    try withStore { (store) throws(StoreError) in
      for piece in pieces {
        try store.append(piece, to: message, salt: .random(using: &generator), wall: wall)
      }
    }
    if try vector() != before { announce(message) }
    tellWords()
  }

  /// Seals what was appended, so that it is sent at once. No harm where nothing was.
  public func finishMessage(_ message: ObjectID) throws(AnabranchError) {
    try sealOpenChange()
  }

  /// Seals what is open, and tells everybody who watches and every live peer; nothing happens where nothing is. What
  /// cannot be sealed now, on a full disk, is tried again after another rest.
  func sealOpenChange() throws(AnabranchError) {
    guard try openStore().hasOpenChange else { return restDeadline = nil }
    // Where it stays open, because the disk is full, it has its time again.
    opened = nil
    defer { sealAfterRest() }
    let wall = surroundings.wall()
    try withStore { (store) throws(StoreError) in _ = try store.sealOpenChange(wall: wall) }
    if let edited { announce(edited) }
  }

  func vector() throws(AnabranchError) -> VersionVector {
    try withStore { (store) throws(StoreError) in store.vector }
  }

  /// Tells of text that was sealed. Peers hear of it in any case: it is in the log.
  func announce(_ object: ObjectID) {
    notify([(try? message(object))?.conversation ?? object])
  }

  /// Has the open change, if there is one, sealed once nothing was added for a while, or it is old.
  func sealAfterRest() {
    defer { rearm() }
    guard let change = try? withStore({ $0.openChange?.id }) else {
      opened = nil
      return restDeadline = nil
    }
    let now = surroundings.uptime()
    if opened?.change != change { opened = (change, now) }
    let age = (opened?.since ?? now) + .milliseconds(OpenChange.ageMsMax)
    restDeadline = min(now + .milliseconds(OpenChange.restMsMax), age)
  }
}

extension String {
  /// The string in pieces of at most `bytesMax` bytes, cut between scalars.
  fileprivate func pieces(bytesMax: Int) -> [String] {
    guard utf8.count > bytesMax else { return [self] }
    var pieces: [String] = []
    var piece = String.UnicodeScalarView()
    var bytes = 0
    for scalar in unicodeScalars {
      let count = UTF8.width(scalar)
      if bytes + count > bytesMax {
        pieces.append(String(piece))
        (piece, bytes) = (String.UnicodeScalarView(), 0)
      }
      piece.append(scalar)
      bytes += count
    }
    return pieces + [String(piece)]
  }
}
