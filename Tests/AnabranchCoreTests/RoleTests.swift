import AnabranchCore
import Testing

@Suite("Roles")
struct RoleTests {
  @Test("Known roles are named and found by name; others keep their number")
  func names() {
    for role in [Role.system, .user, .assistant, .tool] { #expect(Role(name: role.name) == role) }
    #expect(Role(rawValue: 200).name == "role-200")
    #expect(Role(name: "role-200") == nil && Role(name: "") == nil)
  }
}
