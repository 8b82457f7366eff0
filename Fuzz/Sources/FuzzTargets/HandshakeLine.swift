internal import AnabranchCore
internal import AnabranchNoise

/// A connection with somebody in between: both sides, what is on its way, and what was said and heard.
struct HandshakeLine {
  /// One side, and the way from it to the other.
  private struct End {
    var channel: SecureChannel
    var failure: ChannelError?
    /// What it sent and what has not arrived.
    var onItsWay: [UInt8] = []
    /// What it sent that arrived last.
    var last: [UInt8] = []
    var said: [UInt8] = []
    var heard: [UInt8] = []
  }

  /// Who dialled, and who answers.
  private var ends: [End]
  private let setting: HandshakeSetting
  private var isAltered = false

  init(_ setting: HandshakeSetting) throws {
    self.setting = setting
    ends = [
      End(channel: try HandshakeSide.dialler(setting)), End(channel: try HandshakeSide.answerer(setting)),
    ]
    for side in ends.indices { ends[side].onItsWay += try ends[side].channel.start().reply }
  }

  /// Does the next step of a script: its kind in the upper bits of a byte, from which side on in the lowest.
  mutating func step(_ input: inout FuzzInput) throws {
    let kind = input.byte()
    let side = Int(kind & 1)
    switch kind >> 1 & 7 {
    case 0: try deliver(from: side, .max)
    case 1: try deliver(from: side, Int(input.byte()))
    case 2:
      let position = input.number()
      guard !ends[side].onItsWay.isEmpty else { return }
      isAltered = true
      ends[side].onItsWay[position % ends[side].onItsWay.count] ^= 1 << (kind >> 4 & 7)
    case 3: try say(from: side, Int(input.byte()))
    case 4:
      let invented = input.take(input.number())
      isAltered = isAltered || !invented.isEmpty
      ends[side].onItsWay += invented
    case 5:
      let dropped = Int(input.byte())
      isAltered = isAltered || (dropped > 0 && !ends[side].onItsWay.isEmpty)
      ends[side].onItsWay.removeFirst(min(dropped, ends[side].onItsWay.count))
    case 6:
      isAltered = isAltered || !ends[side].last.isEmpty
      ends[side].onItsWay.insert(contentsOf: ends[side].last, at: 0)
    default: try checkPeers()
    }
  }

  /// Delivers all that is on its way, until nothing is. Throws unless both sides are where they should be.
  mutating func settle() throws {
    while ends.contains(where: { !$0.onItsWay.isEmpty }) {
      for side in ends.indices { try deliver(from: side, .max) }
    }
    try checkPeers()
    let isPossible = setting.isDisjoint(with: [.differs, .refuses])
    if isPossible, !isAltered {
      for side in ends.indices {
        try BrokenPromise.unless(ends[side].channel.isOpen, "whom nobody alters anything for come to talk")
        try BrokenPromise.unless(ends[side].said == ends[1 - side].heard, "all that is said is heard")
      }
    }
  }

  private mutating func deliver(from side: Int, _ count: Int) throws {
    let piece = Array(ends[side].onItsWay.prefix(count))
    ends[side].onItsWay.removeFirst(piece.count)
    if !piece.isEmpty { ends[side].last = piece }
    let other = 1 - side
    let failure = ends[other].failure
    do throws(ChannelError) {
      let received = try ends[other].channel.receive(piece)
      ends[other].onItsWay += received.reply
      ends[other].heard += received.opened
    } catch {
      ends[other].failure = error
    }
    try BrokenPromise.unless(failure == nil || ends[other].failure == failure, "after an error comes the same again")
    try BrokenPromise.unless(
      ends[other].failure == nil || !ends[other].channel.isOpen, "after an error nothing is open")
    try BrokenPromise.unless(ends[side].said.starts(with: ends[other].heard), "what is heard was said")
  }

  private mutating func say(from side: Int, _ count: Int) throws {
    guard ends[side].channel.isOpen else { return }
    let words = (0..<count).map { UInt8(truncatingIfNeeded: ends[side].said.count + $0) }
    let sealed = try ends[side].channel.seal(words)
    ends[side].said += words
    ends[side].onItsWay += sealed
  }

  private func checkPeers() throws {
    let peers = ends.map(\.channel.peer)
    for (peer, number) in zip(peers, [2, 1]) {
      try BrokenPromise.unless(
        try peer.map { $0.device == (try HandshakeSide.device(UInt8(number))) } ?? true,
        "only the device that has the key proves to be it")
      try BrokenPromise.unless(
        peer == nil || setting.isDisjoint(with: [.differs]), "who means another space or code is nobody's peer")
    }
    if let one = peers[0], let other = peers[1] {
      try BrokenPromise.unless(
        one.handshakeHash == other.handshakeHash, "both sides have the same handshake behind them")
    }
  }
}
