using Spillway.Cli.Serve.Tls;
using Spillway.TestKit;

namespace Spillway.Tests.Cli;

public sealed class TlsWatchTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly ManualTimeProvider _clock = new();
    private readonly MetricCollector _metrics = new();
    private readonly LogCollector _logs = new();
    private readonly List<TestCertificate> _made = [];
    private readonly TlsOptions _options;

    public TlsWatchTests() => _options = new TlsOptions { Certificate = Path.Combine(_directory.FullName, "tls.crt"), Key = Path.Combine(_directory.FullName, "tls.key") };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _made.ForEach(static certificate => certificate.Dispose());
        _directory.Delete(recursive: true);
        _metrics.Dispose();
        Assert.Empty(_logs.Errors);
        _logs.Dispose();
    }

    [Fact]
    public async Task Look_FilesHaveChanged_NewHandshakesUseThem()
    {
        var (first, second) = (Make("first"), Make("second"));
        Write(first);
        using var watch = await StartAsync();
        var before = watch.Current;

        Write(second);
        _clock.Advance(_options.ReloadEvery - TimeSpan.FromMilliseconds(1));
        var early = watch.Current;
        _clock.Advance(TlsWatch.Quiet + TimeSpan.FromMilliseconds(1));

        Assert.Same(before, early);
        Assert.Equal((first.Thumbprint, second.Thumbprint), (before.Certificate.GetCertHashString(), watch.Current.Certificate.GetCertHashString()));
        Assert.Equal(1, _metrics.Sum("spillway.tls.reloads", "applied"));
        Assert.Equal(["CN=first", "CN=second"], _logs.Lines.Where(static line => line.Id == 11001).Select(static line => line.Text.Split(' ')[3].TrimEnd(',')));
    }

    [Fact]
    public async Task Look_KeyComesBehindItsCertificate_WaitsForBoth()
    {
        var second = Make("second");
        Write(Make("first"));
        using var watch = await StartAsync();

        await File.WriteAllTextAsync(_options.Certificate!, second.Pem, Token);
        _clock.Advance(_options.ReloadEvery);
        await File.WriteAllTextAsync(_options.Key!, second.KeyPem, Token);
        _clock.Advance(TlsWatch.Quiet);
        _clock.Advance(TlsWatch.Quiet);

        Assert.Equal(second.Thumbprint, watch.Current.Certificate.GetCertHashString());
        Assert.Equal((1, 0), (_metrics.Sum("spillway.tls.reloads"), _metrics.Sum("spillway.tls.reloads", "refused")));
    }

    [Fact]
    public async Task Look_LinkLeadsToOtherFilesOfTheSameAge_TheyAreTakenOver()
    {
        var (first, second) = (Make("first"), Make("other"));
        var link = Path.Combine(_directory.FullName, "..data"); // As Kubernetes does it.
        foreach (var (certificate, name) in ((TestCertificate, string)[])[(first, "1"), (second, "2")])
        {
            var directory = _directory.CreateSubdirectory(name).FullName;
            await File.WriteAllTextAsync(Path.Combine(directory, "tls.crt"), certificate.Pem, Token);
            await File.WriteAllTextAsync(Path.Combine(directory, "tls.key"), certificate.KeyPem, Token);
            File.SetLastWriteTimeUtc(Path.Combine(directory, "tls.crt"), _clock.GetUtcNow().UtcDateTime);
            File.SetLastWriteTimeUtc(Path.Combine(directory, "tls.key"), _clock.GetUtcNow().UtcDateTime);
        }

        Directory.CreateSymbolicLink(link, Path.Combine(_directory.FullName, "1"));
        File.CreateSymbolicLink(_options.Certificate!, Path.Combine(link, "tls.crt"));
        File.CreateSymbolicLink(_options.Key!, Path.Combine(link, "tls.key"));
        using var watch = await StartAsync();

        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, Path.Combine(_directory.FullName, "2"));
        Wait();

        Assert.Equal(second.Thumbprint, watch.Current.Certificate.GetCertHashString());
    }

    [Theory]
    [InlineData("broken", "which cannot be used with")]
    [InlineData("key", "which cannot be used with")]
    [InlineData("gone", "which cannot be read")]
    [InlineData("expired", "which expired at 2026-01-31T07")]
    public async Task Look_FilesCannotBeUsed_KeepsTheOldOnesAndTellsItOnce(string how, string expected)
    {
        Write(Make("first"));
        using var watch = await StartAsync();
        var before = watch.Current;

        Spoil(how);
        Wait();
        Wait();
        Wait();

        Assert.Same(before, watch.Current);
        Assert.Contains(expected, Assert.Single(_logs.TakeErrors()), StringComparison.Ordinal);
        Assert.Equal((1, 1), (_metrics.Sum("spillway.tls.reloads"), _metrics.Sum("spillway.tls.reloads", "refused")));

        var next = Make("next");
        Write(next);
        Wait();
        Assert.Equal(next.Thumbprint, watch.Current.Certificate.GetCertHashString());
    }

    [Fact]
    public async Task Look_CertificateIsNotGoodYet_IsTakenOverWhenItIs()
    {
        Write(Make("first"));
        using var watch = await StartAsync();
        var later = TestCertificate.OfServerFrom("later", _clock.GetUtcNow().AddHours(1));
        _made.Add(later);

        Write(later);
        Wait();
        var error = Assert.Single(_logs.TakeErrors());
        var meanwhile = watch.Current.Certificate.Subject;
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Contains("which is not good before", error, StringComparison.Ordinal);
        Assert.Equal(("CN=first", "CN=later"), (meanwhile, watch.Current.Certificate.Subject));
    }

    [Fact]
    public async Task Look_Stopped_LooksNoMore()
    {
        Write(Make("first"));
        using var watch = await StartAsync();

        await watch.StopAsync(Token);
        Write(Make("second"));
        Wait();

        Assert.Equal("CN=first", watch.Current.Certificate.Subject);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead, 1)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, 0)]
    public async Task StartAsync_KeyThatOthersCanRead_IsWarnedOf(UnixFileMode mode, int warnings)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // There are no such modes.
        }

        Write(Make("first"));
        File.SetUnixFileMode(_options.Key!, mode);

        using var watch = await StartAsync();

        Assert.Equal(warnings, _logs.Lines.Count(line => line.Id == 11003 && line.Text.Contains(_options.Key!, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task CertificateTimeLeft_ClockGoesOn_FallsBelowZero()
    {
        Write(Make("first"));
        using var watch = await StartAsync();
        var before = _metrics.Sum("spillway.tls.certificate_time_left");

        _clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(5));

        Assert.Equal((86_400, -5), (before, _metrics.Sum("spillway.tls.certificate_time_left")));
    }

    private TestCertificate Make(string name)
    {
        _made.Add(TestCertificate.OfServer(name, _clock.GetUtcNow(), TimeSpan.FromDays(1)));
        return _made[^1];
    }

    private void Spoil(string how)
    {
        switch (how)
        {
            case "broken":
                File.WriteAllLines(_options.Certificate!, [.. File.ReadAllLines(_options.Certificate!)[..2], "-----END CERTIFICATE-----"]);
                break;
            case "key":
                File.WriteAllText(_options.Key!, Make("other").KeyPem);
                break;
            case "gone":
                File.Delete(_options.Key!);
                break;
            default:
                var expired = TestCertificate.OfServer("old", _clock.GetUtcNow(), TimeSpan.FromHours(-1));
                _made.Add(expired);
                Write(expired);
                break;
        }
    }

    private void Write(TestCertificate certificate)
    {
        File.WriteAllText(_options.Certificate!, certificate.Pem);
        File.WriteAllText(_options.Key!, certificate.KeyPem);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_options.Key!, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private async Task<TlsWatch> StartAsync()
    {
        var watch = new TlsWatch(_options, TlsIdentityReader.Open(_options, _clock.GetUtcNow()), _clock, _metrics, _logs.For<TlsWatch>());
        await watch.StartAsync(Token);
        return watch;
    }

    private void Wait() => _clock.Advance(_options.ReloadEvery + TlsWatch.Quiet);
}
