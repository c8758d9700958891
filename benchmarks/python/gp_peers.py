"""gp_peers.py LIB OUT.json -- run with the Python environment that holds LIB.
LIB in: syne, numpy, sklearn, gpytorch, jax.
Model: constant mean m, k = s * Matern52-ARD(lengthscales l_1..l_6), Gaussian noise v; float64.
nll = 0.5*n*log(2 pi) + 0.5*logdet(K+vI) + 0.5*r^T (K+vI)^-1 r   (SUM over data, no priors).
Parameters are log-transformed (except mean) so all gradients are w.r.t. [log l_1..6, log s, log v, m].
"""
import sys, os, json, time
import numpy as np
LIB, OUT = sys.argv[1], sys.argv[2]
NS=[int(v) for v in os.environ.get("NS","50,100,200,500,1000,2000").split(",")]
FITS=[int(v) for v in os.environ.get("FITS","100,500").split(",") if v]
DO_PRED=os.environ.get("PRED","1")=="1"
D=6
LS=np.array([0.3,0.5,0.8,1.2,2.0,4.0]); S=1.3; V=0.05; M=0.2
THETA=np.concatenate([np.log(LS),[np.log(S),np.log(V),M]])
def data(n,seed=0):
    r=np.random.RandomState(seed); X=r.rand(n,D)
    y=np.sin(6*X[:,0])+np.cos(4*X[:,1])*X[:,2]+0.5*X[:,3]**2+0.2*r.randn(n)
    return X,y
def med(f,budget=4.0,kmax=40,kmin=3):
    f(); f()
    ts=[]; t00=time.perf_counter()
    while len(ts)<kmin or (len(ts)<kmax and time.perf_counter()-t00<budget):
        t=time.perf_counter(); f(); ts.append(time.perf_counter()-t)
    return float(np.median(ts))*1e3, float(np.min(ts))*1e3, len(ts)
STARTS=lambda: [np.concatenate([np.zeros(D),[0.0,np.log(1e-3),0.0]])] + [np.concatenate([np.zeros(D),[0.0,np.log(1e-3),0.0]])+np.random.RandomState(7).randn(D+3)]
# bounds as in gpautograd: inv_bw in [1e-4,100] -> log l in [-log 100, -log 1e-4]; s in [1e-3,1e3]; v in [1e-9,1e6]
BOUNDS=[(-np.log(100),-np.log(1e-4))]*D+[(np.log(1e-3),np.log(1e3)),(np.log(1e-9),np.log(1e6)),(None,None)]
def fit_generic(vg):
    from scipy.optimize import minimize
    best=None; nf=0; t=time.perf_counter()
    for x0 in STARTS():
        x0=np.array([np.clip(a,-np.inf if b[0] is None else b[0],np.inf if b[1] is None else b[1]) for a,b in zip(x0,BOUNDS)])
        r=minimize(vg,x0,jac=True,method="L-BFGS-B",bounds=BOUNDS,tol=1e-6,options={"maxiter":100})
        nf+=r.nfev
        if best is None or r.fun<best.fun: best=r
    return dict(ms=(time.perf_counter()-t)*1e3,nfev=nf,nll=float(best.fun),theta=[float(v) for v in best.x])
res={"lib":LIB,"threads":os.environ.get("OMP_NUM_THREADS"),"nll":{}, "fit":{}, "pred":{}}

if LIB=="syne":
    B="syne_tune.optimizer.schedulers.searchers.bayesopt.gpautograd."
    import importlib, autograd, scipy
    I=lambda m: importlib.import_module(B+m)
    K=I("kernel"); ME=I("mean"); LK=I("likelihood"); GR=I("gp_regression"); C=I("constants"); OU=I("optimization_utils")
    from autograd import value_and_grad
    res["versions"]=dict(numpy=np.__version__,scipy=scipy.__version__,autograd="1.7.0")
    def mk(X,y):
        lik=LK.GaussianProcessMarginalLikelihood(kernel=K.Matern52(D,ARD=True),mean=ME.ScalarMeanFunction(),initial_noise_variance=1e-3)
        lik.initialize(force_reinit=True)
        pd={"noise_variance":V,"mean_mean_value":M,"kernel_covariance_scale":S}
        for i in range(D): pd[f"kernel_inv_bw{i}"]=1/LS[i]
        lik.set_params(pd)
        dat={"features":X,"targets":y.reshape(-1,1)}
        param_dict={p.name:p for p in lik.collect_params().values()}
        conv=OU.ParamVecDictConverter(param_dict)
        def crit(v):
            conv.from_vec(v); return lik(dat)
        def crit_reg(v):
            conv.from_vec(v); return OU.add_regularizer_to_criterion(lik,[dat])
        return lik,dat,conv,value_and_grad(crit),value_and_grad(crit_reg)
    def order(conv,g):
        # -> [log l, log s, log v, m]; d/dlog l = - d/dlog inv_bw
        o={n.split("_",1)[1] if False else n:g[ix] for n,ix in conv.name_to_index.items()}
        pick=lambda s:[o[k] for k in o if s in k][0]
        return np.concatenate([-pick("inverse_bandwidths"),pick("covariance_scale"),pick("noise_variance"),pick("mean_value")])
    def vec(conv,th):
        v=np.zeros(D+3)
        for n,ix in conv.name_to_index.items():
            if "inverse_bandwidths" in n: v[ix]=-th[:D]
            elif "covariance_scale" in n: v[ix]=th[D]
            elif "noise_variance" in n: v[ix]=th[D+1]
            else: v[ix]=th[D+2]
        return v
    for n in NS:
        X,y=data(n); lik,dat,conv,vg,vgr=mk(X,y); v0=conv.to_vec()
        f,g=vg(v0); fr,_=vgr(v0)
        res["nll"][n]=dict(zip(("med","min","k"),med(lambda:vg(v0))),val=float(f),val_with_priors=float(np.squeeze(fr)),grad=[float(t) for t in order(conv,g)])
    for n in FITS:
        X,y=data(n); lik,dat,conv,vg,vgr=mk(X,y)
        def f(th):
            a,g=vg(vec(conv,th)); return float(a),order(conv,g)
        res["fit"][n]={"same_objective":fit_generic(f)}
        gp=GR.GaussianProcessRegression(kernel=K.Matern52(D,ARD=True),mean=ME.ScalarMeanFunction(),optimization_config=C.OptimizationConfig(lbfgs_tol=1e-6,lbfgs_maxiter=100,verbose=False,n_starts=2),random_seed=0)
        t=time.perf_counter(); gp.fit({"features":X,"targets":y.reshape(-1,1)}); e=(time.perf_counter()-t)*1e3
        res["fit"][n]["own_api"]=dict(ms=e,nll=float(gp.likelihood({"features":X,"targets":y.reshape(-1,1)})),params={k:float(np.squeeze(v)) for k,v in gp.get_params().items()})
        if n==100:
            gp=GR.GaussianProcessRegression(kernel=K.Matern52(D,ARD=True),mean=ME.ScalarMeanFunction(),random_seed=0)
            t=time.perf_counter(); gp.fit({"features":X,"targets":y.reshape(-1,1)}); res["fit"][n]["own_api_default_5starts_500it"]=dict(ms=(time.perf_counter()-t)*1e3)
    if DO_PRED:
        X,y=data(1000); lik,dat,conv,vg,_=mk(X,y); Xs=np.random.RandomState(1).rand(1000,D)
        st=lik.get_posterior_state(dat)
        m,v=st.predict(Xs)
        res["pred"]=dict(cached=med(lambda:st.predict(Xs)),full=med(lambda:lik.get_posterior_state(dat).predict(Xs)),mean_head=[float(t) for t in np.ravel(m)[:3]],var_head=[float(t) for t in np.ravel(v)[:3]],one_point=med(lambda:st.predict(Xs[:1])),grad_one=med(lambda:st.backward_gradient(Xs[0],{"mean":np.ones(1),"std":np.ones(1)},0.0,1.0)))
elif LIB=="numpy":
    import scipy, scipy.linalg.lapack as LA, scipy.linalg.blas as BL
    res["versions"]=dict(numpy=np.__version__,scipy=scipy.__version__)
    def kern(X,Z,l,s):
        A=X/l; Bq=Z/l
        D2=np.maximum((A*A).sum(1)[:,None]+(Bq*Bq).sum(1)[None]-2*A@Bq.T,0)*5.0
        Bm=np.sqrt(D2); E=np.exp(-Bm)
        return s*(1+Bm+D2/3)*E, Bm, E
    def vg_(X,y):
        n=len(y)
        def vg(th):
            l=np.exp(th[:D]); s=np.exp(th[D]); v=np.exp(th[D+1]); m=th[D+2]
            Kf,Bm,E=kern(X,X,l,s)
            A=np.asfortranarray(Kf); A=A+0; A.flat[::n+1]+=v
            L,info=LA.dpotrf(A,lower=1,clean=1,overwrite_a=1)
            r=y-m; a=LA.dpotrs(L,r,lower=1)[0]
            f=0.5*n*np.log(2*np.pi)+np.log(np.diag(L)).sum()+0.5*r@a
            W=LA.dpotri(L,lower=1,overwrite_c=0)[0]
            W=np.tril(W); W=W+np.tril(W,-1).T
            W-=np.outer(a,a); W*=0.5            # dnll/dK
            gv=np.trace(W)*v; gs=(W*Kf).sum()
            # dk/d(log l_d) = s*5/3*(1+B)*E * (dx_d/l_d)^2
            G=W*((5.0/3.0)*s*(1+Bm)*E)
            Z=X/l; rs=G.sum(1)
            gl=2*(rs@(Z*Z)) - 2*(Z*(G@Z)).sum(0)
            return f,np.concatenate([gl,[gs,gv,-a.sum()]])
        return vg
    for n in NS:
        X,y=data(n); vg=vg_(X,y); f,g=vg(THETA)
        res["nll"][n]=dict(zip(("med","min","k"),med(lambda:vg(THETA))),val=float(f),grad=[float(t) for t in g])
    for n in FITS:
        X,y=data(n); res["fit"][n]={"same_objective":fit_generic(vg_(X,y))}
    if DO_PRED:
        X,y=data(1000); Xs=np.random.RandomState(1).rand(1000,D)
        def post():
            Kf=np.asfortranarray(kern(X,X,LS,S)[0]); Kf.flat[::1001]+=V
            L=LA.dpotrf(Kf,lower=1)[0]; return L,BL.dtrsv(L,y-M,lower=1)
        def pred(L,p):
            Ks=kern(X,Xs,LS,S)[0]; Q=BL.dtrsm(1.0,L,Ks,lower=1); return M+Q.T@p, S-(Q*Q).sum(0)
        L,p=post(); m,v=pred(L,p)
        res["pred"]=dict(cached=med(lambda:pred(L,p)),full=med(lambda:pred(*post())),mean_head=list(map(float,m[:3])),var_head=list(map(float,v[:3])))
elif LIB=="sklearn":
    import sklearn, warnings; warnings.simplefilter("ignore")
    from sklearn.gaussian_process import GaussianProcessRegressor as GPR
    from sklearn.gaussian_process.kernels import Matern,WhiteKernel,ConstantKernel
    import scipy
    res["versions"]=dict(numpy=np.__version__,scipy=scipy.__version__,sklearn=sklearn.__version__)
    b=lambda lo,hi:(lo,hi)
    def mkk(l=LS,s=S,v=V): return ConstantKernel(s,(1e-3,1e3))*Matern(l,[(1e-2,1e4)]*D,nu=2.5)+WhiteKernel(v,(1e-9,1e6))
    for n in NS:
        X,y=data(n); gp=GPR(mkk(),alpha=0.0,optimizer=None).fit(X,y-M); th=gp.kernel_.theta  # [log s, log l, log v]
        f,g=gp.log_marginal_likelihood(th,eval_gradient=True,clone_kernel=False)
        gg=np.concatenate([-g[1:1+D],[-g[0],-g[-1]]])
        res["nll"][n]=dict(zip(("med","min","k"),med(lambda:gp.log_marginal_likelihood(th,eval_gradient=True,clone_kernel=False))),val=float(-f),grad=[float(t) for t in gg])
    from scipy.optimize import minimize
    for n in FITS:
        X,y=data(n); cnt=[0]
        def opt(obj,x0,bounds):
            r=minimize(obj,x0,jac=True,method="L-BFGS-B",bounds=bounds,tol=1e-6,options={"maxiter":100}); cnt[0]+=r.nfev; return r.x,r.fun
        gp=GPR(mkk(np.ones(D),1.0,1e-3),alpha=0.0,optimizer=opt,n_restarts_optimizer=1,random_state=0)
        t=time.perf_counter(); mu=y.mean(); gp.fit(X,y-mu); res["fit"][n]={"own_api":dict(ms=(time.perf_counter()-t)*1e3,nfev=cnt[0],nll=float(-gp.log_marginal_likelihood_value_))}
    if DO_PRED:
        X,y=data(1000); Xs=np.random.RandomState(1).rand(1000,D)
        gp=GPR(mkk(),alpha=0.0,optimizer=None).fit(X,y-M); m,sd=gp.predict(Xs,return_std=True)
        res["pred"]=dict(cached=med(lambda:gp.predict(Xs,return_std=True)),full=med(lambda:GPR(mkk(),alpha=0.0,optimizer=None).fit(X,y-M).predict(Xs,return_std=True)),mean_head=list(map(float,m[:3]+M)),var_head=list(map(float,sd[:3]**2-V)),note="sklearn var includes WhiteKernel noise; subtracted in var_head")
elif LIB=="gpytorch":
    import torch, gpytorch, warnings; warnings.simplefilter("ignore")
    T=int(os.environ.get("OMP_NUM_THREADS","1")); torch.set_num_threads(T); torch.set_default_dtype(torch.float64)
    res["versions"]=dict(torch=torch.__version__,gpytorch=gpytorch.__version__)
    class G(gpytorch.models.ExactGP):
        def __init__(s,X,y,lk):
            super().__init__(X,y,lk); s.mean_module=gpytorch.means.ConstantMean(); s.covar_module=gpytorch.kernels.ScaleKernel(gpytorch.kernels.MaternKernel(nu=2.5,ard_num_dims=D))
        def forward(s,x): return gpytorch.distributions.MultivariateNormal(s.mean_module(x),s.covar_module(x))
    def mk(X,y,l=LS,s=S,v=V,m=M):
        lk=gpytorch.likelihoods.GaussianLikelihood(noise_constraint=gpytorch.constraints.GreaterThan(1e-12)); g=G(torch.tensor(X),torch.tensor(y),lk)
        g.covar_module.base_kernel.lengthscale=torch.tensor(l).reshape(1,-1); g.covar_module.outputscale=s; lk.noise=v; g.mean_module.constant.data.fill_(m); return g,lk
    from contextlib import ExitStack
    def ctx():
        st=ExitStack(); st.enter_context(gpytorch.settings.fast_computations(False,False,False)); st.enter_context(gpytorch.settings.max_cholesky_size(10**6)); st.enter_context(gpytorch.settings.fast_pred_var(False)); return st
    def vgf(X,y):
        g,lk=mk(X,y); g.train(); lk.train(); mll=gpytorch.mlls.ExactMarginalLogLikelihood(lk,g); n=len(y); Xt,yt=g.train_inputs[0],g.train_targets
        ps=[g.covar_module.base_kernel.raw_lengthscale,g.covar_module.raw_outputscale,lk.noise_covar.raw_noise,g.mean_module.constant]
        def val():
            for p in ps: p.grad=None
            loss=-mll(g(Xt),yt)*n; loss.backward(); return loss
        def grads(): # chain from raw (softplus) to log
            o=[]
            for p,c in zip(ps[:3],[g.covar_module.base_kernel.raw_lengthscale_constraint,g.covar_module.raw_outputscale_constraint,lk.noise_covar.raw_noise_constraint]):
                r=p.detach(); v=c.transform(r); dv=torch.sigmoid(r); o.append((p.grad/dv*v).reshape(-1).numpy())
            o.append(ps[3].grad.reshape(-1).numpy()); return np.concatenate(o)
        def setth(th):
            g.covar_module.base_kernel.lengthscale=torch.tensor(np.exp(th[:D])).reshape(1,-1); g.covar_module.outputscale=float(np.exp(th[D])); lk.noise=float(np.exp(th[D+1])); g.mean_module.constant.data.fill_(th[D+2])
        return val,grads,setth,(g,lk)
    with ctx():
        for n in NS:
            X,y=data(n); val,gr,_,_=vgf(X,y); f=val(); gg=gr()
            res["nll"][n]=dict(zip(("med","min","k"),med(val)),val=float(f),grad=[float(t) for t in gg])
        for n in FITS:
            X,y=data(n); val,gr,setth,_=vgf(X,y)
            def f(th): setth(th); a=float(val()); return a,gr()
            res["fit"][n]={"same_objective":fit_generic(f)}
            try:
                from botorch.models import SingleTaskGP; from botorch.fit import fit_gpytorch_mll
                g=SingleTaskGP(torch.tensor(X),torch.tensor(y).reshape(-1,1)); t=time.perf_counter(); fit_gpytorch_mll(gpytorch.mlls.ExactMarginalLogLikelihood(g.likelihood,g)); res["fit"][n]["botorch_SingleTaskGP_defaults(RBF,1 start,std y,priors)"]=dict(ms=(time.perf_counter()-t)*1e3)
            except Exception as e: res["fit"][n]["botorch"]=repr(e)[:200]
        if DO_PRED:
            X,y=data(1000); Xs=torch.tensor(np.random.RandomState(1).rand(1000,D)); g,lk=mk(X,y); g.eval(); lk.eval()
            def p():
                with torch.no_grad(): q=g(Xs); return q.mean,q.variance
            def full():
                g.train(); g.eval(); return p()
            m,v=p()
            res["pred"]=dict(cached=med(p),full=med(full),mean_head=m[:3].tolist(),var_head=v[:3].tolist())
elif LIB=="jax":
    import jax, jax.numpy as jnp, jax.scipy.linalg as jl; jax.config.update("jax_enable_x64",True)
    res["versions"]=dict(jax=jax.__version__)
    def kern(X,Z,l,s):
        A=X/l; Bq=Z/l
        D2=jnp.maximum((A*A).sum(1)[:,None]+(Bq*Bq).sum(1)[None]-2*A@Bq.T,0)*5.0
        Bm=jnp.sqrt(D2+1e-9); return s*(1+Bm+D2/3)*jnp.exp(-Bm)
    def nll(th,X,y):
        n=y.shape[0]; l=jnp.exp(th[:D]); s=jnp.exp(th[D]); v=jnp.exp(th[D+1])
        L=jnp.linalg.cholesky(kern(X,X,l,s)+v*jnp.eye(n)); w=jl.solve_triangular(L,y-th[D+2],lower=True)
        return 0.5*n*jnp.log(2*jnp.pi)+jnp.log(jnp.diag(L)).sum()+0.5*w@w
    vg=jax.jit(jax.value_and_grad(nll)); res["compile_ms"]={}
    for n in NS:
        X,y=data(n); X=jnp.asarray(X); y=jnp.asarray(y); th=jnp.asarray(THETA)
        t=time.perf_counter(); f,g=vg(th,X,y); g.block_until_ready(); res["compile_ms"][n]=(time.perf_counter()-t)*1e3
        res["nll"][n]=dict(zip(("med","min","k"),med(lambda:vg(th,X,y)[1].block_until_ready())),val=float(f),grad=[float(t) for t in g])
    for n in FITS:
        X,y=data(n); X=jnp.asarray(X); y=jnp.asarray(y)
        def f(th): a,g=vg(jnp.asarray(th),X,y); return float(a),np.asarray(g)
        f(THETA); res["fit"][n]={"same_objective":fit_generic(f)}
    if DO_PRED:
        X,y=data(1000); X=jnp.asarray(X); y=jnp.asarray(y); Xs=jnp.asarray(np.random.RandomState(1).rand(1000,D)); l=jnp.asarray(LS)
        @jax.jit
        def post(X,y):
            L=jnp.linalg.cholesky(kern(X,X,l,S)+V*jnp.eye(1000)); return L,jl.solve_triangular(L,y-M,lower=True)
        @jax.jit
        def pred(L,p,X,Xs):
            Q=jl.solve_triangular(L,kern(X,Xs,l,S),lower=True); return M+Q.T@p, S-(Q*Q).sum(0)
        L,p=post(X,y); m,v=pred(L,p,X,Xs)
        res["pred"]=dict(cached=med(lambda:pred(L,p,X,Xs)[1].block_until_ready()),full=med(lambda:pred(*post(X,y),X,Xs)[1].block_until_ready()),mean_head=list(map(float,m[:3])),var_head=list(map(float,v[:3])))
json.dump(res,open(OUT,"w"),indent=1)
for n in res["nll"]: print(LIB,"threads",res["threads"],"n",n,"ms %.2f (min %.2f, k=%d)"%(res["nll"][n]["med"],res["nll"][n]["min"],res["nll"][n]["k"]),"nll %.10f"%res["nll"][n]["val"])
print("FIT",json.dumps({k:{a:({q:w for q,w in b.items() if q not in("theta","params")} if isinstance(b,dict) else b) for a,b in v.items()} for k,v in res["fit"].items()}))
print("PRED",res["pred"], res.get("compile_ms"))
