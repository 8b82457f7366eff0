internal import Anabranch
internal import AnabranchCore
internal import AnabranchSync
internal import SeededRandom

/// Connections of somebody who is no honest replica.
extension Simulation {
  /// A stranger connects to `host`, says all it has to say, and stays.
  func admit(_ index: Int, to host: Host, _ random: inout RandomStream) throws {
    guard let process = host.process, host.isAwake else { return }
    var stranger = Stranger(
      to: host.number, life: process.life, space: process.store.space, RandomStream(seed: random.next()))
    trace.note(scheduler.now, index, as: "  the stranger at \(host.name): \(stranger.manner)")
    draw("a stranger calls \(host.name)", on: host, .fault)
    callers[index] = stranger.line
    try ignoringFailures {
      // It was a device like any other, once.
      if stranger.isPaired, process.store.space != nil {
        let device = stranger.device
        _ = try call(host, expecting: [.denied]) { try $0.enrol(device, as: .writer) }
      }
      let before = host.committed
      try connect(stranger.line, to: host)
      try say(stranger.words(), on: stranger.line, to: host, &random)
      // Text that is not sealed yet is, when somebody connects.
      let grown = host.committed.entries.filter { before[$0.log] < $0.sequence && $0.log != process.store.ownLog }
      guard grown.isEmpty else {
        throw Violation(.everythingFromAVerifiedLog, "\(host.name) took changes from a stranger")
      }
      // Who is not whom it says it is, is not listened to.
      guard stranger.line.isRefused || !stranger.isFalse else {
        throw Violation(.everythingFromAVerifiedLog, "\(host.name) goes on with a stranger: \(stranger.manner)")
      }
      // Nor told anything, also not in the open: but for one message of the handshake.
      stranger.line.maySpeak = stranger.isKnown
      guard stranger.isKnown || stranger.line.heard.isEmpty && stranger.line.heardBytes <= Caller.answerBytesMax else {
        throw Violation(.nothingBeforeAuthentication, "\(host.name) tells a stranger something: \(stranger.manner)")
      }
      guard stranger.line.isUnderstood || !stranger.line.wasAnswered else {
        throw Violation(.nothingBeforeAuthentication, "\(host.name) answers what it does not understand")
      }
    }
    if stranger.line.isRefused { marks.insert(.strangerRefused) }
    if stranger.manner == .promises, !stranger.line.isRefused { marks.insert(.strangerSilent) }
  }

  /// A line to a host stands, and both sides shake hands as far as they do.
  func connect(_ line: Caller, to host: Host) throws {
    line.link = try call(host) { try $0.openLink(over: line, mode: .live, dialled: nil) }
    guard let link = line.link else { return }
    while case let step = line.shake(), !step.isEmpty { try call(host) { $0.receive(step, on: link) } }
  }

  /// A host gets some words on a line, in pieces.
  func say(_ words: [UInt8], on line: Caller, to host: Host, _ random: inout RandomStream) throws {
    guard let link = line.link else { return }
    var words = words[...]
    while !words.isEmpty {
      let piece = Array(words.prefix(random.number(in: 1...2_000)))
      words = words.dropFirst(piece.count)
      try call(host) { $0.receive(piece, on: link) }
    }
  }

  /// Who called goes.
  func dismiss(_ index: Int) throws {
    guard let line = callers.removeValue(forKey: index), let link = line.link else { return }
    let host = hosts[line.host]
    guard line.maySpeak || line.heard.isEmpty else {
      throw Violation(.nothingBeforeAuthentication, "\(host.name) told something to whom it does not know")
    }
    traitor?.remember(line)
    guard host.process?.life == line.life else { return }
    try ignoringFailures { _ = try call(host, expecting: [.denied]) { try $0.endLink(link, mode: .live) } }
  }
}
