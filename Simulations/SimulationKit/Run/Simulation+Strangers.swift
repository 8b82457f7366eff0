internal import Anabranch
internal import AnabranchCore
internal import AnabranchSync
internal import SeededRandom

/// Connections of somebody who is no honest replica.
extension Simulation {
  /// A stranger connects to `host`, says all it has to say, and stays.
  func admit(_ index: Int, to host: Host, _ random: inout RandomStream) throws {
    guard let process = host.process, host.isAwake else { return }
    let stranger = Stranger(
      at: host.number, life: process.life, space: process.store.space, RandomStream(seed: random.next()))
    trace.note(scheduler.now, index, as: "  the stranger at \(host.name): \(stranger.manner)")
    strangers[index] = stranger
    try ignoringFailures {
      // It was a device like any other, once.
      if stranger.isPaired, process.store.space != nil {
        let device = stranger.device
        _ = try call(host, expecting: [.denied]) { try $0.enrol(device, as: .writer) }
      }
      let before = host.committed
      let link = try call(host) { try $0.openLink(over: stranger, mode: .live, dialled: nil) }
      stranger.link = link
      while case let step = stranger.shake(), !step.isEmpty { try call(host) { $0.receive(step, on: link) } }
      var words = stranger.words()[...]
      while !words.isEmpty {
        let piece = Array(words.prefix(random.number(in: 1...2_000)))
        words = words.dropFirst(piece.count)
        try call(host) { $0.receive(piece, on: link) }
      }
      // Text that is not sealed yet is, when somebody connects.
      let grown = host.committed.entries.filter { before[$0.log] < $0.sequence && $0.log != process.store.ownLog }
      guard grown.isEmpty else {
        throw Violation(.everythingFromAVerifiedLog, "\(host.name) took changes from a stranger")
      }
      // Who is not whom it says it is, is not listened to.
      guard stranger.isRefused || !stranger.isFalse else {
        throw Violation(.everythingFromAVerifiedLog, "\(host.name) goes on with a stranger: \(stranger.manner)")
      }
    }
    if stranger.isRefused { marks.insert(.strangerRefused) }
  }

  /// A stranger goes.
  func dismiss(_ index: Int) throws {
    guard let stranger = strangers.removeValue(forKey: index), let link = stranger.link else { return }
    let host = hosts[stranger.host]
    guard host.process?.life == stranger.life else { return }
    if stranger.manner == .promises, !stranger.isRefused { marks.insert(.strangerSilent) }
    try ignoringFailures { _ = try call(host, expecting: [.denied]) { try $0.endLink(link, mode: .live) } }
  }
}
