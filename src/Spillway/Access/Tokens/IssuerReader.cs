using System.Security.Cryptography;
using System.Text;

namespace Spillway.Access.Tokens;

/// <summary>Reads the issuers of a configuration with their keys, and says everything that is wrong with them.</summary>
internal sealed class IssuerReader
{
    private const string Section = $"{SpillwayOptions.Section}:Access:Issuers";

    private readonly KeySetLimits _limits;
    private readonly List<string> _faults;

    private IssuerReader(KeySetLimits limits, List<string> faults) => (_limits, _faults) = (limits, faults);

    /// <summary>Reads all issuers. Faults name key, value and remedy, but no secret.</summary>
    public static IReadOnlyList<IssuerPlan> Read(AccessOptions options, List<string> faults)
    {
        var reader = new IssuerReader(TokenSetup.KeySetLimitsOf(options), faults);
        var plans = options.Issuers.Select((issuer, i) => reader.Read($"{Section}:{i}", issuer)).ToList();
        foreach (var twice in plans.GroupBy(static plan => plan.Name).Where(static group => group.Count() > 1))
        {
            faults.Add($"{Section} has {(twice.Key is null ? "issuers without Issuer" : $"the Issuer \"{twice.Key}\"")} {twice.Count()} times; give one all the keys.");
        }

        return plans;
    }

    private IssuerPlan Read(string section, IssuerOptions issuer)
    {
        var algorithms = ReadAlgorithms(section, issuer);
        var (keys, contents) = (new List<VerificationKey>(), new List<string>());
        if (algorithms.Count > 0) // Or every key would be reported, too.
        {
            for (var i = 0; i < issuer.Keys.Count; i++)
            {
                keys.AddRange(ReadKey($"{section}:Keys:{i}", issuer.Keys[i], algorithms, contents));
            }
        }

        Uri? url = null;
        if (!string.IsNullOrEmpty(issuer.JwksUrl) && !TrustedServer.TryParse(issuer.JwksUrl, out url, out var fault))
        {
            var shown = issuer.JwksUrl.Contains('@', StringComparison.Ordinal) ? "" : $" is \"{issuer.JwksUrl}\", which"; // A name before "@" may have a password.
            _faults.Add($"{section}:JwksUrl{shown} {fault}.");
        }

        var file = string.IsNullOrEmpty(issuer.JwksFile) ? null : issuer.JwksFile;
        if (issuer.Keys.Count == 0 && file is null && string.IsNullOrEmpty(issuer.JwksUrl))
        {
            _faults.Add($"{section} has no keys, so none of its tokens could ever be verified; set Keys, JwksUrl or JwksFile.");
        }

        return new IssuerPlan(issuer, algorithms, new KeySet(keys), url, file, OptionDigest.Of(issuer, contents));
    }

    private List<SignatureAlgorithm> ReadAlgorithms(string section, IssuerOptions issuer)
    {
        var algorithms = new List<SignatureAlgorithm>();
        if (issuer.Algorithms.Count == 0)
        {
            _faults.Add($"{section}:Algorithms is empty; name what the issuer signs with, for example [\"ES256\"].");
        }

        for (var i = 0; i < issuer.Algorithms.Count; i++)
        {
            if (SignatureAlgorithm.TryFind(issuer.Algorithms[i], out var algorithm))
            {
                algorithms.Add(algorithm);
            }
            else
            {
                _faults.Add($"{section}:Algorithms:{i} is \"{issuer.Algorithms[i]}\"; give it one of {string.Join(", ", SignatureAlgorithm.All)}.");
            }
        }

        return algorithms;
    }

    private IReadOnlyList<VerificationKey> ReadKey(string section, IssuerKeyOptions options, IReadOnlyList<SignatureAlgorithm> algorithms, List<string> contents)
    {
        (string Name, string? Value)[] all =
        [
            (nameof(options.Pem), options.Pem), (nameof(options.PemFile), options.PemFile), (nameof(options.Secret), options.Secret),
            (nameof(options.SecretFile), options.SecretFile), (nameof(options.Jwk), options.Jwk), (nameof(options.JwkFile), options.JwkFile),
        ];
        var given = all.Where(static source => !string.IsNullOrEmpty(source.Value)).ToArray();
        if (given is not [(var name, { } value)])
        {
            _faults.Add($"{section} has {(given.Length == 0 ? "no key" : string.Join(" and ", given.Select(static source => source.Name)))}; set exactly one of "
                + $"{string.Join(", ", all.Select(static source => source.Name))}.");
            return [];
        }

        // Only the name of a file is told, never what stands in the configuration or in the file.
        var shown = name.EndsWith("File", StringComparison.Ordinal) ? $"{section}:{name} is \"{value}\", which" : $"{section}:{name}";
        if (!TryReadContent(name, value, out var content, out var fault) || !TryRead(name, content, options, algorithms, out var keys, out fault))
        {
            _faults.Add($"{shown} {fault}.");
            return [];
        }

        contents.Add(Convert.ToHexString(SHA256.HashData(content))); // A file's name stays the same when other keys are in it.
        return keys;
    }

    private bool TryReadContent(string name, string value, out byte[] content, out string fault)
    {
        (content, fault) = ([], "");
        if (!name.EndsWith("File", StringComparison.Ordinal))
        {
            content = Encoding.UTF8.GetBytes(value);
            return true;
        }

        try
        {
            using var file = File.OpenRead(value);
            var buffer = new byte[_limits.Bytes + 1];
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            fault = length > _limits.Bytes ? $"is longer than {_limits.Bytes} bytes" : "";
            content = buffer[..length];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            fault = $"cannot be read: {e.Message.TrimEnd('.')}";
        }

        return fault.Length == 0;
    }

    private bool TryRead(
        string name, byte[] content, IssuerKeyOptions options, IReadOnlyList<SignatureAlgorithm> algorithms, out IReadOnlyList<VerificationKey> keys, out string fault)
    {
        keys = [];
        var maker = new KeyMaker(algorithms);
        var id = string.IsNullOrEmpty(options.Id) ? null : options.Id;
        var named = string.IsNullOrEmpty(options.Algorithm) ? null : options.Algorithm;
        switch (name)
        {
            case nameof(options.Pem) or nameof(options.PemFile):
                return Single(new PemReader(maker).TryRead(id, Encoding.UTF8.GetString(content), named, out var key, out fault), key, out keys);
            case nameof(options.Secret):
                return Single(maker.TryMakeSecret(id, content, named, out key, out fault), key, out keys);
            case nameof(options.SecretFile):
                return Single(maker.TryMakeSecret(id, content.AsSpan().TrimEnd("\r\n"u8).ToArray(), named, out key, out fault), key, out keys);
            default:
                fault = id is null && named is null ? "" : "says its own kid and alg; leave Id and Algorithm out";
                if (fault.Length > 0 || !new KeySetReader(new JwkReader(maker, takesSecrets: true), _limits).TryRead(content, out var set, out var skipped, out fault))
                {
                    return false;
                }

                (keys, fault) = (set.Keys, skipped.Count > 0 ? $"has a key that {skipped[0]}" : set.Keys.Count == 0 ? "has no keys" : "");
                return fault.Length == 0;
        }
    }

    private static bool Single(bool read, VerificationKey? key, out IReadOnlyList<VerificationKey> keys)
    {
        keys = read ? [key!] : [];
        return read;
    }
}
