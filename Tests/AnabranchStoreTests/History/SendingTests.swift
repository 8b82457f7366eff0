import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

@Suite("What another replica lacks")
struct SendingTests {
  @Test("Exactly what is missing is read, in causal order, in bounded portions", arguments: UInt64(0)..<40)
  func missing(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    try store.receive(history.changes, of: history, using: &random)
    for replica in history.replicas {
      let part = replica.prefix(random.number(in: 0...replica.count))
      var known = VersionVector(part.map { ($0.change.id.log, $0.change.id.sequence) })
      let expected = history.changes.filter { !known.contains($0.change.id) }
      var sent: [ChangeID: [UInt8]] = [:]
      let bytesMax = random.number(in: 1...3_000)
      while true {
        let (portion, position) = try store.changes(missingFrom: known, bytesMax: bytesMax)
        guard !portion.isEmpty else { break }
        #expect(portion.count == 1 || portion.reduce(0) { $0 + $1.bytes.count } <= bytesMax)
        for change in portion {
          let header = try ChangeHeader(of: change.id, in: change.bytes)
          #expect(known[change.id.log] == change.id.sequence - 1)
          #expect(header.dependencies.allSatisfy { known.contains($0.change) })
          known[change.id.log] = change.id.sequence
          sent[change.id] = change.bytes
        }
        #expect(position == known)
      }
      #expect(known == store.vector)
      #expect(sent == Dictionary(uniqueKeysWithValues: expected.map { ($0.change.id, $0.bytes) }))
    }
  }

  @Test("Nothing beyond the limit is read", arguments: UInt64(100)..<110)
  func limited(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    try store.receive(history.changes, of: history, using: &random)
    let limit = VersionVector(history.replicas[0].map { ($0.change.id.log, $0.change.id.sequence) })
    let (portion, position) = try store.changes(missingFrom: VersionVector(), upTo: limit, bytesMax: .max)
    #expect(position == limit)
    #expect(Set(portion.map(\.id)) == Set(history.replicas[0].map(\.change.id)))
  }

  @Test("Changes that only this replica holds are counted; a peer that lost its history holds nothing")
  func onlyHere() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let early = author.store.vector
    #expect(try author.store.changesOnlyHere() == 2)
    var peer = PeerRecord(
      device: author.random.digest(), name: "a\u{0}b", address: "[::1]:1\u{0}2", vector: early, contact: 5)
    try author.store.save(peer)
    #expect(try author.store.changesOnlyHere() == 0)
    try author.say("more", in: conversation)
    #expect(try author.store.changesOnlyHere() == 1)

    let other = PeerRecord(device: author.random.digest(), name: "", address: nil, vector: early, contact: 9)
    try author.store.save(other)
    #expect(try author.store.peers() == [other, peer])
    peer.vector = author.store.vector
    peer.address = nil
    peer.contact = 10
    try author.store.save(peer)
    peer.address = "[::1]:1\u{0}2"
    author = try author.reopened(folder.store())
    #expect(try author.store.peers() == [peer, other])
    #expect(try author.store.changesOnlyHere() == 0)
    peer.vector = VersionVector()
    try author.store.save(peer)
    #expect(try author.store.changesOnlyHere() == 1)
  }
}
