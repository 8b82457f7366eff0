internal import Anabranch
internal import ArgumentParser
internal import Foundation

/// How soon words are read on a third device, which a second one relays them to.
struct WordsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "words", abstract: "Streams an answer on one of three replicas in a row, and reads it on the last.")

  @OptionGroup var scratch: ScratchFolder

  @Option(help: "How many pieces are written.")
  var pieces = 200

  @Option(help: "Milliseconds from one piece to the next; below 50 several are told at once.")
  var pause = 60

  func run() async throws {
    defer { scratch.remove() }
    var row: [Replica] = []
    for name in ["a", "hub", "c"] {
      row.append(try await Replica.create(at: Home(scratch.path + "/" + name), name: name))
    }
    let hub = try await row[1].serve(on: "127.0.0.1:0")
    var servers = [hub]
    let inviter = row[1]
    _ = try await inviter.found()
    for end in [row[0], row[2]] {
      let invitation = try await inviter.invite()
      let admitting = Task { try await inviter.admit(by: invitation) }
      try await end.join(invitation.code)
      _ = try await admitting.value
    }
    for end in [row[0], row[2]] { servers.append(try await end.serve(on: "127.0.0.1:0", peers: [hub.address])) }
    try await measure(from: row[0], to: row[2])
    for server in servers { await server.stop() }
    for replica in row { try await replica.close() }
  }

  private func measure(from writer: Replica, to reader: Replica) async throws {
    let chat = try await writer.newConversation("Words")
    let answer = try await writer.beginMessage(in: chat)
    while (try? await reader.message(answer)) == nil { try await Task.sleep(for: .milliseconds(10)) }
    let words = reader.words
    let reading = Task {
      var read: [Int: Double] = [:]
      for await texts in words {
        let now = Monotonic.seconds()
        guard let text = texts.first?.reading else { continue }
        // Each piece is a number and a blank.
        let last = text.split(separator: " ").last.flatMap { Int($0) } ?? -1
        for piece in (read.keys.max() ?? -1) + 1..<max(last + 1, (read.keys.max() ?? -1) + 1) { read[piece] = now }
        if last == pieces - 1 { break }
      }
      return read
    }
    var written: [Double] = []
    for piece in 0..<pieces {
      written.append(Monotonic.seconds())
      try await writer.append("\(piece) ", to: answer)
      try await Task.sleep(for: .milliseconds(pause))
    }
    let read = await reading.value
    let laps = written.indices.compactMap { piece in read[piece].map { Lap(wall: $0 - written[piece], cpu: 0) } }
    let report = Report(bench: "words", configuration: "three-in-a-row-pause\(pause)")
    try report.value("pieces", "pieces", laps.count)
    for percent in [50, 99] { try report.percentile(percent, of: "visible", laps) }
  }
}
