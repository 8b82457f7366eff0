internal import AnabranchCore
internal import AnabranchNoise
internal import AnabranchStore
internal import AnabranchWire
internal import SeededRandom

internal import enum Crypto.Curve25519

/// A device that was let in and has gone bad: under the name of one log it writes several histories, signs them all, and tells
/// one here and another there. What others told it, it passes on as it likes.
final class Traitor {
  /// The device, by its public key.
  let device: Digest
  /// The space that it was let into.
  let space: Bytes16
  private let key: Curve25519.Signing.PrivateKey
  private let keys: ChannelKeys
  private let header: LogHeader
  /// The histories: each some changes that all share, and then others.
  private var branches: [[SealedChange]] = [[], [], []]
  /// What it was told in its earlier sessions.
  private var hearings: [Hearing] = []
  /// What it is about to say of that.
  private var retelling: Hearing?

  /// What somebody told it in one session.
  private struct Hearing {
    var headers: [LogHeader] = []
    var batches: [ChangeBatch] = []
  }

  /// A device of the space; nil where chance gives it no key.
  init?(in space: Bytes16, _ random: inout RandomStream) {
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: random.bytes(32)),
      let device = Digest(Array(key.publicKey.rawRepresentation)), let own = NoiseKeyPair(secret: random.bytes(32)),
      let keys = try? ChannelKeys(device: device, keyPair: own, sign: { try Array(key.signature(for: $0)) })
    else { return nil }
    (self.space, self.key, self.device, self.keys) = (space, key, device, keys)
    header = .device(key: device, nonce: random.bytes16())
  }

  /// The hashes of all that it ever wrote.
  var written: Set<Digest> { Set(branches.flatMap { $0.map(\.hash) }) }

  /// A line of its own to a host.
  func call(_ host: Int, life: Int, _ random: inout RandomStream) -> Caller {
    Caller(to: host, life: life, in: space, as: keys, &random)
  }

  // MARK: What it writes

  /// Adds a change to one of its histories, or to all alike, about what `store` holds: it builds on no more than a logs' heads there
  /// that have one name everywhere. `wall` is what it takes for the time.
  func write(
    about objects: [(conversation: ObjectID, message: ObjectID?)], in store: Store, wall: Int64,
    _ random: inout RandomStream
  ) {
    let shared = Set(branches.map { $0.last?.hash }).count == 1
    let places = shared && random.chance(1, in: 3) ? Array(branches.indices) : [random.below(branches.count)]
    let heads = store.heads.filter { isPlain($0.log, $0.header, in: store) }
    let known = objects.filter { object in heads.contains { $0.log == object.conversation.log } }
    // What it answers has to be within what it builds on.
    let object = random.pick(known).map { one in
      (one.conversation, one.message.flatMap { $0.log == one.conversation.log ? $0 : nil })
    }
    let dependency = object.flatMap { object in heads.first { $0.log == object.0.log } }
    let chosen = random.next()
    for place in places {
      var choices = RandomStream(seed: chosen)
      let last = branches[place].last
      let id = ChangeID(log: header.log, sequence: (last?.change.id.sequence ?? 0) + 1)
      // Now and then from a future that nobody believes.
      let now = max(wall, 0) + (choices.chance(1, in: 8) ? 300_000_000_000 : 0)
      var time = HybridTime(milliseconds: now, counter: 0)
      if let last, last.change.time >= time { time = HybridTime(rawValue: last.change.time.rawValue + 1) }
      var open = OpenChange(id: id, time: time, wall: now, action: id.sequence)
      for _ in 0..<choices.number(in: 1...3) { add(to: &open, about: object, &choices) }
      branches[place].append(
        SealedChange(
          sealing: open, context: SealedChange.Context(id: id, previous: last?.hash ?? header.foundingHash),
          dependencies: dependency.map {
            [Dependency(change: ChangeID(log: $0.log, sequence: $0.head.sequence), hash: $0.head.hash.head)]
          } ?? []))
    }
  }

  /// Whether a log is called the same everywhere, and somebody's else.
  private func isPlain(_ log: LogID, _ header: LogHeader, in store: Store) -> Bool {
    log != self.header.log && !header.isBranch && store.branches.branches(after: log).isEmpty
      && store.vector[log] > 0 && store.provable[log] == store.vector[log]
  }

  private func add(
    to open: inout OpenChange, about object: (conversation: ObjectID, message: ObjectID?)?,
    _ random: inout RandomStream
  ) {
    let id = open.id
    func say(_ text: String, in conversation: ObjectID, after parents: [ObjectID], to open: inout OpenChange) {
      let message = CreateMessage(
        parents: parents, line: .continued, role: .user, created: open.wall, length: UInt32(clamping: text.scalarCount))
      _ = open.append(
        Draft(
          kind: .createMessage, target: conversation, mutation: .createMessage(message),
          content: content(MessageContent(text: text).canonicalBytes, &random)))
    }
    guard let (conversation, message) = object, random.chance(3, in: 4) else {
      let index = open.append(
        Draft(
          kind: .createConversation, target: nil,
          mutation: .createConversation(CreateConversation(created: open.wall))))
      let conversation = ObjectID.native(OperationID(log: id.log, sequence: id.sequence, index: index))
      return say(random.words(1...5), in: conversation, after: [], to: &open)
    }
    switch random.below(6) {
    case 0, 1:
      say(random.words(1...5), in: conversation, after: message.map { [$0] } ?? [], to: &open)
    case 2:
      let write = WriteRegister(register: .title, predecessors: [])
      _ = open.append(
        Draft(
          kind: .writeRegister, target: conversation, mutation: .writeRegister(write),
          content: content(Array(random.words(1...3).utf8), &random)))
    case 3:
      _ = open.append(
        Draft(
          kind: .addElement, target: conversation, mutation: .addElement(AddElement(set: .tags)),
          content: content(Array(random.words(1...1).utf8), &random)))
    case 4:
      _ = open.append(Draft(kind: .trash, target: conversation, mutation: .trash))
    default:
      // It has no right to that.
      let enrol = Enrol(random.digest(), into: space, as: .owner)
      _ = open.append(Draft(kind: .enrol, target: nil, mutation: .enrol(enrol)))
    }
  }

  private func content(_ bytes: [UInt8], _ random: inout RandomStream) -> Content {
    .present(salt: random.bytes16(), bytes: bytes[...])
  }

  /// Whether two of its histories are among what somebody holds.
  func isHeldTwice(in held: Set<Digest>) -> Bool {
    let told = branches.filter { $0.last.map { held.contains($0.hash) } ?? false }
    return told.contains { one in
      told.contains { other in
        let alike = zip(one, other).prefix { $0.hash == $1.hash }.count
        return alike < min(one.count, other.count)
      }
    }
  }

  // MARK: What it says

  /// Chooses whether it will say what it heard in another session, and which; false where it speaks for itself.
  func retells(_ random: inout RandomStream) -> Bool {
    retelling = random.chance(1, in: 4) ? random.pick(hearings) : nil
    return retelling != nil
  }

  /// What it says in a session: one of its histories, or two, or what it heard elsewhere and has changed.
  func words(_ random: inout RandomStream) -> [UInt8] {
    let greeting = Caller.greeting(as: device, writing: header.log, called: "traitor", in: space, features: .branches)
    if let hearing = retelling { return greeting + retold(hearing, &random) }
    let told = branches.filter { !$0.isEmpty }
    guard let one = random.pick(told) else { return greeting }
    var words = greeting + Frame.logs([header]).canonicalBytes + frame(of: one[...], log: 0)
    if random.chance(1, in: 3), let other = random.pick(told) {
      // The second as what it is: a branch of the first.
      let alike = zip(one, other).prefix { $0.hash == $1.hash }.count
      guard alike < other.count, alike < one.count else { return words }
      let first = other[alike]
      let branch = LogHeader.branch(of: header.log, first: first.change.id.sequence, hash: first.hash)
      words += Frame.logs([branch]).canonicalBytes + frame(of: other[alike...], log: 1)
    }
    return words
  }

  /// Changes of one of its histories, in a frame, as its log of that number, which begins with the first of them unless that is the
  /// first of all.
  private func frame(of changes: ArraySlice<SealedChange>, log: UInt32) -> [UInt8] {
    guard let last = changes.last,
      let checkpoint = try? Checkpoint(of: last.change.id, hash: last.hash, by: signer)
    else { return [] }
    let end = LogPosition(log: log, sequence: UInt32(changes.count))
    let batch = ChangeBatch(
      runs: [ChangeBatch.Run(first: LogPosition(log: log, sequence: 1), changes: changes.map(\.bytes))],
      signatures: [ChangeBatch.Signature(at: end, signature: checkpoint.signature)])
    return Frame.changes(batch).canonicalBytes
  }

  private var signer: LogSigner {
    LogSigner(device: device) { [key] digest in try Array(key.signature(for: digest.bytes)) }
  }

  /// What it heard from somebody, for somebody else: some of it kept back, or altered.
  private func retold(_ hearing: Hearing, _ random: inout RandomStream) -> [UInt8] {
    var words = hearing.headers.isEmpty ? [] : Frame.logs(hearing.headers).canonicalBytes
    for var batch in hearing.batches where !random.chance(1, in: 6) {
      if random.chance(1, in: 3), let place = batch.runs.indices.randomElement(using: &random) {
        let change = random.below(batch.runs[place].changes.count)
        switch random.below(5) {
        case 0: batch.runs.remove(at: place)
        case 1: batch.runs[place].changes.removeSubrange(change...)
        case 2: batch.runs[place].first.sequence &+= 1
        case 3: batch.signatures.removeAll()
        default:
          let bytes = batch.runs[place].changes[change]
          batch.runs[place].changes[change][random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
        }
        batch.runs.removeAll { $0.changes.isEmpty }
      }
      words += Frame.changes(batch).canonicalBytes
    }
    return words
  }

  /// Remembers what it was told on a line, if that is its own.
  func remember(_ line: Caller) {
    guard line.device == device else { return }
    var (decoder, hearing) = (FrameDecoder(), Hearing())
    decoder.append(line.heard)
    while let frame = try? decoder.next() {
      switch frame {
      case .logs(let headers): hearing.headers += headers
      case .changes(let batch) where !batch.runs.isEmpty: hearing.batches.append(batch)
      default: break
      }
    }
    if !hearing.batches.isEmpty { hearings.append(hearing) }
  }
}
