using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Spillway.Cli.Serve;

namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>Tokens that are good from an address only, and the settings of a hub that takes them.</summary>
internal static class BoundToken
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    public static Dictionary<string, string?> Settings { get; } = new()
    {
        [SettingsReader.AccessKey] = "tokens",
        ["Spillway:Access:Issuers:0:Issuer"] = "https://issuer.example",
        ["Spillway:Access:Issuers:0:Algorithms:0"] = "HS256",
        ["Spillway:Access:Issuers:0:Keys:0:Secret"] = Secret,
    };

    public static string Make(string address)
    {
        var payload = $$$"""{"iss":"https://issuer.example","spillway":{"publish":["a"],"subscribe":["a"],"address":"{{{address}}}"}}""";
        var signed = Base64Url.EncodeToString("""{"alg":"HS256"}"""u8) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload));
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(signed)));
    }
}
