import Testing

@testable import AnabranchTransport

@Suite struct LengthFramerTests {
  private let frames: [[UInt8]] = [[], [1], Array(repeating: 2, count: 300), [], [3, 4]]

  @Test(arguments: [1, 2, 3, 5, 100, 1000]) func framesSurviveAnyFragmentation(size: Int) throws {
    var framer = LengthFramer(bytesMax: 300)
    let stream = try frames.flatMap { try framer.framed($0) }
    var found: [[UInt8]] = []
    for start in stride(from: 0, to: stream.count, by: size) {
      framer.append(Array(stream[start..<min(start + size, stream.count)]))
      while let frame = try framer.next() { found.append(frame) }
    }
    #expect(found == frames)
    #expect(!framer.isInFrame)
  }

  @Test func aLengthAboveTheLimitIsRefusedBeforeItsBytes() throws {
    var framer = LengthFramer(bytesMax: 300)
    #expect(throws: TransportError.self) { try framer.framed(Array(repeating: 0, count: 301)) }
    framer.append([0, 0, 1, 45])
    for _ in 0..<2 { #expect(throws: TransportError.self) { try framer.next() } }
    var largest = LengthFramer(bytesMax: 300)
    largest.append([255, 255, 255, 255])
    #expect(throws: TransportError.self) { try largest.next() }
  }
}
