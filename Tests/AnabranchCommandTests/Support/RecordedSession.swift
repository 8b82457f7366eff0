import AnabranchSync
import Foundation
import Synchronization
import Testing

@testable import Anabranch

/// A real session of two replicas that is recorded, in which each side says something when the other one is silent: so it is always the
/// same one.
struct RecordedSession {
  /// A side's way out: what it says waits until it is delivered.
  private final class Port: LinkPort {
    let peer: String
    private let said = Mutex<[UInt8]>([])

    init(peer: String) {
      self.peer = peer
    }

    func send(_ bytes: [UInt8]) {
      said.withLock { $0 += bytes }
    }

    func close() {}
    func abort() {}

    func take() -> [UInt8] {
      said.withLock { said in
        defer { said = [] }
        return said
      }
    }
  }

  let place: Workplace
  /// The recording that the laptop made.
  let file: String
  /// What nobody is to find in a recording without contents.
  static let marker = "jacarandas bloom"

  init(contents: Bool = false) async throws {
    place = try Workplace()
    file = place.path("recording")
    for name in ["laptop", "phone"] { try await place.replica(name) }
    let (laptop, phone) = (
      try await Replica.open(at: Home(place.path("laptop"))), try await Replica.open(at: Home(place.path("phone")))
    )
    let chat = try await laptop.newConversation("Trip")
    try await laptop.say("In May the \(Self.marker).", in: chat)
    try await phone.newConversation("Other")
    let recorder = try SessionRecorder(at: file, contents: contents)
    try await Self.meet(laptop, phone, recorder)
    recorder.close()
    for replica in [laptop, phone] { try await replica.close() }
  }

  private static func meet(_ laptop: Replica, _ phone: Replica, _ recorder: SessionRecorder) async throws {
    let (there, back) = (Port(peer: "192.0.2.7:4850"), Port(peer: "192.0.2.1:51234"))
    await laptop.start(recorder)
    let dialling = try await laptop.openLink(
      over: there, mode: .exchange, dialled: "192.0.2.7:4850", expecting: nil, joining: nil, recorder: recorder
    ) { _ in }
    let answering = try await phone.openLink(over: back, mode: .live, dialled: nil)
    var isQuiet = false
    while !isQuiet {
      let (out, answer) = (there.take(), back.take())
      isQuiet = out.isEmpty && answer.isEmpty
      if !out.isEmpty { await phone.receive(out, on: answering) }
      if !answer.isEmpty { await laptop.receive(answer, on: dialling) }
    }
    try await laptop.endLink(dialling, mode: .exchange)
    try await phone.endLink(answering, mode: .live)
    #expect(try await laptop.status().stateHash == phone.status().stateHash)
  }
}
