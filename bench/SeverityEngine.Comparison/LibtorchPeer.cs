using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace SeverityEngine.Comparison;

/// <summary>The same network in libtorch, through TorchSharp. Its weights are random: they make no difference to its time.</summary>
sealed class LibtorchPeer : IPeer
{
    const int Growth = 32, Bottleneck = 4 * Growth, Stem = 64;

    static readonly int[] s_blocks = [6, 12, 24, 16];

    readonly int _threads;
    readonly Tensor _input;
    readonly Dictionary<string, Tensor> _weights = [];

    public LibtorchPeer(int batch, int threads)
    {
        _threads = threads;
        _input = (rand([batch, 1, 224, 224]) * 2048 - 1024).DetachFromDisposeScope();
    }

    /// <summary>Whether libtorch loads on this system.</summary>
    public static bool IsAvailable { get; } = Loads();

    public string Name => $"libtorch {__version__} (TorchSharp)";

    public double Run()
    {
        set_num_threads(_threads);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        Tensor x = NormRelu(Conv(_input, "stem", Stem, 7, 2, 3), "stem");
        x = nn.functional.max_pool2d(x, kernel_size: 3, stride: 2, padding: 1);
        for (int block = 0; block < s_blocks.Length; block++)
        {
            for (int layer = 0; layer < s_blocks[block]; layer++)
            {
                string name = $"{block}.{layer}";
                Tensor y = Conv(NormRelu(x, name + ".norm1"), name + ".conv1", Bottleneck, 1, 1, 0);
                x = cat([x, Conv(NormRelu(y, name + ".norm2"), name + ".conv2", Growth, 3, 1, 1)], 1);
            }
            if (block < s_blocks.Length - 1)
                x = nn.functional.avg_pool2d(Conv(NormRelu(x, $"{block}.norm"), $"{block}.conv", (int)x.shape[1] / 2, 1, 1, 0), 2);
        }
        Tensor pooled = NormRelu(x, "last").mean([2, 3]);
        Tensor logits = matmul(pooled, Weight("classifier", () => randn([pooled.shape[1], 18]) * 0.01));
        logits.data<float>()[0].ToString();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        IPeer.LetThreadsRest();
        return elapsed.TotalMilliseconds;
    }

    public void Dispose()
    {
        _input.Dispose();
        foreach (Tensor weight in _weights.Values)
            weight.Dispose();
    }

    static bool Loads()
    {
        try
        {
            zeros([1]).Dispose();
            return true;
        }
        catch (TypeInitializationException)
        {
            return false;
        }
    }

    Tensor NormRelu(Tensor x, string name)
    {
        long channels = x.shape[1];
        Tensor mean = Weight(name + ".mean", () => zeros([channels])), variance = Weight(name + ".variance", () => ones([channels]));
        Tensor scale = Weight(name + ".scale", () => ones([channels])), bias = Weight(name + ".bias", () => zeros([channels]));
        return nn.functional.relu(nn.functional.batch_norm(x, mean, variance, scale, bias, training: false, eps: 1e-5), inplace: true);
    }

    Tensor Conv(Tensor x, string name, int channels, int kernel, int stride, int padding) =>
        nn.functional.conv2d(x, Weight(name, () => randn([channels, x.shape[1], kernel, kernel]) / Math.Sqrt(x.shape[1] * kernel * kernel)),
            strides: [stride, stride], padding: [padding, padding]);

    Tensor Weight(string name, Func<Tensor> make)
    {
        if (!_weights.TryGetValue(name, out Tensor? weight))
            _weights.Add(name, weight = make().DetachFromDisposeScope());
        return weight;
    }
}
